# The modules are listed once, in go.work; all lists below come from it.
modules := $(shell go list -m -f '{{.Dir}}')
here    := $(patsubst $(CURDIR)/%,./%/...,$(modules))

.DEFAULT_GOAL := help
.PHONY: help run test lint fmt conformance bench fuzz

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## start the demo shop on an embedded bus; needs no set-up
	@go build -o bin/storefront ./examples/storefront # "go run" would call a Ctrl-C a failure
	@exec bin/storefront

test: ## vet and test all modules with the race detector; minutes
	go vet work
	go test -race -timeout 14m work

lint: ## golangci-lint over all modules, with .golangci.yml
	golangci-lint run $(here)

fmt: ## format all Go files as lint wants them
	golangci-lint fmt $(here)

conformance: ## run the flagd semantic vectors; prints "N passed, N failed"
	@EVENKEEL_CONFORMANCE=1 go test -count=1 -run '^TestConformance$$' -v ./flags/internal/eval | grep -E 'passed|FAIL|^ok'

bench: ## flag evaluation against its peers in one run; prints ratios, fails where a target is missed
	go run ./internal/bench

FUZZTIME ?= 30s
fuzz: ## fuzz each parser and engine for FUZZTIME (30s)
	@for target in $$(grep -rlE '^func Fuzz' --include='*_test.go' $(patsubst ./%/...,%,$(here)) | sort -u); do \
		for name in $$(sed -nE 's/^func (Fuzz[A-Za-z_0-9]+).*/\1/p' $$target); do \
			echo "$$name in $$(dirname $$target)"; \
			go test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) ./$$(dirname $$target) || exit 1; \
		done; \
	done
