module github.com/evenkeel-go/evenkeel/flags/cmd/flagctl

go 1.26.0
