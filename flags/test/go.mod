module github.com/evenkeel-go/evenkeel/flags/test

go 1.26.0
