package main

import (
	"fmt"
	"net/http"
	"os"
)

// Asks URLs with Go's client, unchanged; prints a line of each: the status, or the error.
func main() {
	for _, url := range os.Args[1:] {
		response, err := http.Get(url)
		if err != nil {
			fmt.Println(url, err)
			continue
		}
		fmt.Println(url, response.StatusCode)
	}
}
