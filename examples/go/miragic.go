// Package miragic is a client of Miragic's speed painting. The base URL is a constant, as often: `mockserver exec` needs
// no other one.
package miragic

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"time"
)

const base = "https://backend.miragic.ai/api/v1/speed-painting"

// ErrFailed is what a painting ends with that the vendor gave up.
var ErrFailed = errors.New("the painting failed")

// Refused is an answer that is no success.
type Refused struct{ Status int }

func (refused Refused) Error() string { return fmt.Sprintf("answered %d", refused.Status) }

type task struct {
	JobID            string `json:"jobId"`
	Status           string `json:"status"`
	ExternalVideoURL string `json:"externalVideoUrl"`
	ErrorMessage     string `json:"errorMessage"`
}

// Paint gives the URL of a film in which a hand draws the image.
func Paint(ctx context.Context, key string, image []byte) (string, error) {
	body, kind := form(image)
	made, err := ask(ctx, http.MethodPost, base+"/create", key, kind, body)
	if err != nil {
		return "", err
	}
	for pause := time.Second; ; pause = min(20*time.Second, pause*3/2) {
		job, err := ask(ctx, http.MethodGet, base+"/jobs/"+made.JobID, key, "", nil)
		switch {
		case err != nil:
			return "", err
		case job.Status == "FAILED":
			return "", fmt.Errorf("%w: %s", ErrFailed, job.ErrorMessage)
		case job.Status == "COMPLETED":
			return job.ExternalVideoURL, nil
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(pause):
		}
	}
}

func min(one, other time.Duration) time.Duration {
	if one < other {
		return one
	}
	return other
}

func ask(ctx context.Context, method, url, key, kind string, body io.Reader) (found task, err error) {
	request, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return found, err
	}
	request.Header.Set("X-API-Key", key)
	if kind != "" {
		request.Header.Set("Content-Type", kind)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return found, err
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 300 {
		return found, Refused{answer.StatusCode}
	}
	told := struct{ Data *task }{&found}
	return found, json.NewDecoder(answer.Body).Decode(&told)
}

func form(image []byte) (*bytes.Buffer, string) {
	body := new(bytes.Buffer)
	writer := multipart.NewWriter(body)
	fields := map[string]string{"quality": "hd", "sequence": "auto", "fps": "30", "hand_style": "1"}
	for name, value := range fields {
		writer.WriteField(name, value)
	}
	part, _ := writer.CreateFormFile("image", "image.png") // a buffer takes whatever it is given
	part.Write(image)
	writer.Close()
	return body, writer.FormDataContentType()
}
