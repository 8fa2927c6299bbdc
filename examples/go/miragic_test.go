// mockserver exec --clock x60 --fail-on violations --fail-on unmocked -- go test -count=1 ./...
package miragic

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

func order(t *testing.T, what, body string) {
	t.Helper()
	url := os.Getenv("MOCKSERVER_URL") + "/_mock/sandboxes/default/" + what
	answer, err := http.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 300 {
		told, _ := io.ReadAll(answer.Body)
		t.Fatal(string(told))
	}
}

func paint(t *testing.T, key string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	return Paint(ctx, key, []byte("picture"))
}

func TestAPaintingIsPainted(t *testing.T) {
	url, err := paint(t, "demo-key")
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	film, err := io.ReadAll(answer.Body)
	if err != nil || len(film) < 8 || string(film[4:8]) != "ftyp" {
		t.Fatalf("%s is no film: %d bytes, %v", url, len(film), err)
	}
}

func TestAPaintingThatFailsSaysWhy(t *testing.T) {
	order(t, "plans", `{"api": "miragic", "outcome": "FAILED", "error": "no paint left"}`)
	_, err := paint(t, "demo-key")
	if !errors.Is(err, ErrFailed) || !strings.Contains(err.Error(), "no paint left") {
		t.Fatal(err)
	}
}

func TestAKeyThatNobodyIssuedIsRefused(t *testing.T) {
	_, err := paint(t, "stolen-key")
	var refused Refused
	if !errors.As(err, &refused) || refused.Status != 401 {
		t.Fatal(err)
	}
}
