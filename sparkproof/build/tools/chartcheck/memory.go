package main

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"text/template"

	"sigs.k8s.io/yaml"
)

// The most texts of which a memory keeps what they gave: far more than the charts have, whatever values they are given.
const most = 20_000

// memory keeps what a function gave for a text: every rendering reads what the others read.
type memory[T any] struct {
	read  func(text string) T
	known sync.Map
	kept  atomic.Int64
}

func (m *memory[T]) of(text string) T {
	if found, known := m.known.Load(text); known {
		return found.(T)
	}
	made := m.read(text)
	if m.kept.Add(1) <= most {
		m.known.Store(text, made)
	}
	return made
}

// remembering are those of helm's functions that take most of a rendering's time, as helm has them but that each text
// is read once. A template may change what it is given, so it gets a copy.
func remembering() template.FuncMap {
	fields := &memory[map[string]any]{read: func(text string) map[string]any {
		found := map[string]any{}
		if err := yaml.Unmarshal([]byte(text), &found); err != nil {
			found["Error"] = err.Error()
		}
		return found
	}}
	items := &memory[[]any]{read: func(text string) []any {
		found := []any{}
		if err := yaml.Unmarshal([]byte(text), &found); err != nil {
			return []any{err.Error()}
		}
		return found
	}}
	patterns := &memory[*regexp.Regexp]{read: func(text string) *regexp.Regexp {
		found, _ := regexp.Compile(text)
		return found
	}}
	// By their JSON, which is what helm's are made of.
	texts := &memory[string]{read: func(text string) string {
		found, _ := yaml.JSONToYAML([]byte(text))
		return strings.TrimSuffix(string(found), "\n")
	}}
	return template.FuncMap{
		"fromYaml":      func(text string) map[string]any { return copied(fields.of(text)).(map[string]any) },
		"fromYamlArray": func(text string) []any { return copied(items.of(text)).([]any) },
		"toYaml": func(value any) string {
			found, err := json.Marshal(value)
			if err != nil {
				return ""
			}
			return texts.of(string(found))
		},
		"regexMatch": func(pattern, text string) bool {
			found := patterns.of(pattern)
			return found != nil && found.MatchString(text)
		},
	}
}

// copied is a value with all that is in it.
func copied(of any) any {
	switch found := of.(type) {
	case map[string]any:
		fresh := maps.Clone(found)
		for key, value := range fresh {
			fresh[key] = copied(value)
		}
		return fresh
	case []any:
		fresh := slices.Clone(found)
		for i, value := range fresh {
			fresh[i] = copied(value)
		}
		return fresh
	}
	return of
}
