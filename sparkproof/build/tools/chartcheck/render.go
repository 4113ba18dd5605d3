package main

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/template"

	"helm.sh/helm/v4/pkg/action"
	"helm.sh/helm/v4/pkg/chart/loader/archive"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/cli/values"
	"helm.sh/helm/v4/pkg/getter"
	release "helm.sh/helm/v4/pkg/release/v1"
	"sigs.k8s.io/yaml"
)

// answer is what came of a request: the refusal in helm's words, or what `helm template` prints, taken apart.
type answer struct {
	Refusal  string   `json:"refusal"`
	Text     string   `json:"text"`
	Notes    string   `json:"notes"`
	Objects  []object `json:"objects"`
	Problems []string `json:"problems"`
}

// object is one YAML document of a rendering; Source is its template as helm names it, Fields its content.
type object struct {
	Source string         `json:"source"`
	Fields map[string]any `json:"fields"`
	body   []byte
}

// source is a chart as it lies in its folder, read once, and the functions that remember for all of its renderings.
type source struct {
	whole     *chart.Chart
	functions template.FuncMap
}

func asTheyAre(string, []*archive.BufferedFile) error { return nil }

// load reads every chart that the requests name; prepare may change its files.
func load(requests []request, prepare func(folder string, files []*archive.BufferedFile) error) (map[string]*source, error) {
	charts, functions := map[string]*source{}, remembering()
	for _, each := range requests {
		if charts[each.Chart] != nil {
			continue
		}
		found, err := loader.LoadDir(each.Chart)
		if err != nil {
			return nil, fmt.Errorf("the chart in %s: %w", each.Chart, err)
		}
		var files []*archive.BufferedFile
		for _, file := range found.Raw {
			files = append(files, &archive.BufferedFile{Name: file.Name, ModTime: file.ModTime, Data: file.Data})
		}
		if err := prepare(each.Chart, files); err != nil {
			return nil, err
		}
		whole, err := loader.LoadFiles(files)
		if err != nil {
			return nil, fmt.Errorf("the chart in %s: %w", each.Chart, err)
		}
		charts[each.Chart] = &source{whole, functions}
	}
	return charts, nil
}

// render does what `helm template` does without a cluster; functions are offered to the templates besides helm's.
func (s *source) render(wanted request, functions template.FuncMap) answer {
	done, err := s.install(wanted, functions)
	if err != nil {
		return answer{Refusal: err.Error()}
	}
	return answer{Text: text(done), Notes: done.Info.Notes}
}

// takeApart finds the objects in the text; one that is no YAML makes a refusal of the answer.
func (a *answer) takeApart() {
	for _, part := range strings.Split("\n"+a.Text, "\n---\n# Source: ")[1:] {
		name, body, _ := strings.Cut(part, "\n")
		fields := map[string]any{}
		if err := yaml.Unmarshal([]byte(body), &fields); err != nil {
			*a = answer{Refusal: fmt.Sprintf("%s is no YAML: %v", name, err)}
			return
		}
		if len(fields) > 0 {
			a.Objects = append(a.Objects, object{Source: name, Fields: fields, body: []byte(body)})
		}
	}
}

func (s *source) install(wanted request, functions template.FuncMap) (*release.Release, error) {
	merged, err := (&values.Options{ValueFiles: wanted.Files}).MergeValues(getter.Providers{})
	if err != nil {
		return nil, err
	}
	last, err := loader.LoadValues(bytes.NewReader(wanted.Values))
	if err != nil {
		return nil, err
	}
	configuration := action.NewConfiguration()
	configuration.CustomTemplateFuncs = maps.Clone(s.functions)
	maps.Copy(configuration.CustomTemplateFuncs, functions)
	client := action.NewInstall(configuration)
	client.DryRunStrategy = action.DryRunClient
	client.ReleaseName, client.Namespace = wanted.Release, wanted.Namespace
	client.Replace = true
	done, err := client.Run(changeable(s.whole), loader.MergeMaps(merged, last))
	if err != nil {
		return nil, err
	}
	return done.(*release.Release), nil
}

// changeable is a chart of its own for a rendering: helm changes what a chart depends on, and its values, by those that
// are given.
func changeable(whole *chart.Chart) *chart.Chart {
	fresh, about := *whole, *whole.Metadata
	about.Dependencies = slices.Clone(about.Dependencies)
	for i, each := range about.Dependencies {
		one := *each
		about.Dependencies[i] = &one
	}
	fresh.Metadata, fresh.Values = &about, copied(whole.Values).(map[string]any)
	fresh.SetDependencies()
	for _, each := range whole.Dependencies() {
		fresh.AddDependency(changeable(each))
	}
	return &fresh
}

// text is what `helm template` prints of a release.
func text(done *release.Release) string {
	var printed strings.Builder
	fmt.Fprintln(&printed, strings.TrimSpace(done.Manifest))
	for _, hook := range done.Hooks {
		fmt.Fprintf(&printed, "---\n# Source: %s\n%s\n", hook.Path, hook.Manifest)
	}
	return printed.String()
}
