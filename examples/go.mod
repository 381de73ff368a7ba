module github.com/evenkeel-go/evenkeel/examples

go 1.26.0
