package main

import (
	"fmt"
	"sort"
	"strings"

	"github.com/yannh/kubeconform/pkg/resource"
	"github.com/yannh/kubeconform/pkg/validator"
	"sigs.k8s.io/yaml"
)

// checker holds objects against schemas; without any it finds nothing.
type checker struct{ validator.Validator }

func newChecker(schemas string) (checker, error) {
	if schemas == "" {
		return checker{}, nil
	}
	made, err := validator.New([]string{schemas}, validator.Opts{Strict: true})
	return checker{made}, err
}

// all notes what is wrong with the objects of an answer, and with the manifests that its ConfigMaps carry.
func (c checker) all(made *answer) {
	if c.Validator == nil {
		return
	}
	for _, each := range made.Objects {
		made.note(each.Source, c.ValidateResource(resource.Resource{Path: each.Source, Bytes: each.body}))
		for key, body := range manifests(each) {
			where := fmt.Sprintf("%s, %s", each.Source, key)
			made.note(where, c.ValidateResource(resource.Resource{Path: where, Bytes: []byte(body)}))
		}
	}
	sort.Strings(made.Problems)
}

// manifests are the texts in a ConfigMap that are Kubernetes objects themselves, like the pod that executors follow.
func manifests(of object) map[string]string {
	found := map[string]string{}
	data, _ := of.Fields["data"].(map[string]any)
	for key, value := range data {
		body, _ := value.(string)
		var told struct{ Kind, APIVersion string }
		if of.Fields["kind"] == "ConfigMap" && yaml.Unmarshal([]byte(body), &told) == nil && told.Kind != "" && told.APIVersion != "" {
			found[key] = body
		}
	}
	return found
}

func (a *answer) note(where string, result validator.Result) {
	if result.Status == validator.Valid {
		return
	}
	if result.Status == validator.Empty || result.Err == nil {
		a.Problems = append(a.Problems, where+": is no object")
		return
	}
	_, words, found := strings.Cut(result.Err.Error(), "#' - ")
	if !found {
		words = result.Err.Error()
	}
	a.Problems = append(a.Problems, fmt.Sprintf("%s: %s", where, words))
}
