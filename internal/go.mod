module github.com/evenkeel-go/evenkeel/internal

go 1.26.0
