// chartcheck renders charts in bulk, as `helm template` would, and holds every object against JSON schemas.
//
// It reads one request a line (JSON) and, when all are read, writes one answer a line, in the order of the requests.
// With -text the answers are texts only, which are neither taken apart nor validated.
// With -branches it writes instead, a line each, what the templates' branches are and whether a request took them.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
)

// request asks for one rendering. Files are values files, weakest first; Values win over them.
type request struct {
	Chart     string          `json:"chart"`
	Release   string          `json:"release"`
	Namespace string          `json:"namespace"`
	Files     []string        `json:"files"`
	Values    json.RawMessage `json:"values"`
}

func main() {
	schemas := flag.String("schemas", "", "pattern of the schemas' files, as kubeconform takes it; without it nothing is validated")
	branches := flag.Bool("branches", false, "write which branches of the templates were taken")
	textOnly := flag.Bool("text", false, "answer by texts only, not taken apart")
	flag.Parse()
	// Renderings are many small, short-lived values: a larger heap is cheaper than collecting it.
	debug.SetGCPercent(400)
	// Helm warns of each symbolic link in a chart of one's own.
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})))
	requests, err := read(os.Stdin)
	if err == nil && *branches {
		err = writeBranches(requests, os.Stdout)
	} else if err == nil {
		err = writeAnswers(requests, *schemas, *textOnly, os.Stdout)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "chartcheck: %v\n", err)
		os.Exit(1)
	}
}

func read(from io.Reader) ([]request, error) {
	var requests []request
	decoder := json.NewDecoder(from)
	decoder.DisallowUnknownFields()
	for {
		var next request
		if err := decoder.Decode(&next); errors.Is(err, io.EOF) {
			return requests, nil
		} else if err != nil {
			return nil, fmt.Errorf("request %d: %w", len(requests)+1, err)
		}
		requests = append(requests, next)
	}
}

func writeAnswers(requests []request, schemas string, textOnly bool, to io.Writer) error {
	charts, err := load(requests, asTheyAre)
	if err != nil {
		return err
	}
	check, err := newChecker(schemas)
	if err != nil {
		return err
	}
	answers := make([]answer, len(requests))
	each(len(requests), func(i int) {
		answers[i] = charts[requests[i].Chart].render(requests[i], nil)
		if !textOnly {
			answers[i].takeApart()
			check.all(&answers[i])
		}
	})
	return write(to, answers)
}

func write[T any](to io.Writer, lines []T) error {
	buffered := bufio.NewWriter(to)
	encoder := json.NewEncoder(buffered)
	encoder.SetEscapeHTML(false)
	for _, line := range lines {
		if err := encoder.Encode(line); err != nil {
			return err
		}
	}
	return buffered.Flush()
}

// each calls do for every number below count, on all cores.
func each(count int, do func(int)) {
	numbers := make(chan int)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for number := range numbers {
				do(number)
			}
		})
	}
	for number := range count {
		numbers <- number
	}
	close(numbers)
	workers.Wait()
}
