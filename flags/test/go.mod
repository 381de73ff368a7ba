module github.com/evenkeel-go/evenkeel/flags/test

go 1.26.0

require (
	github.com/creack/pty v1.1.24
	github.com/nats-io/nats.go v1.55.0
	github.com/open-feature/go-sdk v1.20.0
	go.opentelemetry.io/otel/sdk v1.47.0
	go.opentelemetry.io/otel/trace v1.47.0
	go.uber.org/goleak v1.3.0
)
