package main

import (
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
	"sync/atomic"
	"text/template"
	"text/template/parse"

	"helm.sh/helm/v4/pkg/chart/loader/archive"
)

// branch is a template or one way through it: where it begins, its name or the words that lead into it, and whether a
// request took it. A template that is a file of its own is taken when it has something to say.
type branch struct {
	File     string `json:"file"`
	Line     int    `json:"line"`
	Template bool   `json:"template"`
	Words    string `json:"words"`
	Taken    bool   `json:"taken"`
}

// tracer rewrites templates so that each branch calls a function, which prints nothing, when it is taken.
type tracer struct {
	branches []*branch
	taken    []*atomic.Bool
	// numbers has each branch's number by its file and its place among the file's.
	numbers map[place]int
	here    place
	// files has each template by its path on disk, firsts the path of the first one of the same name and content: charts
	// have copies of one file.
	files  map[string]file
	firsts map[file]string
}

type file struct{ name, content string }

type place struct {
	file    file
	ordinal int
}

const called = "chartcheckTaken"

func writeBranches(requests []request, to io.Writer) error {
	plain, err := load(requests, asTheyAre)
	if err != nil {
		return err
	}
	trace := &tracer{numbers: map[place]int{}, files: map[string]file{}, firsts: map[file]string{}}
	watched, err := load(requests, trace.rewriteChart)
	if err != nil {
		return err
	}
	functions := template.FuncMap{called: func(number int) string { trace.taken[number].Store(true); return "" }}
	different := make([]bool, len(requests))
	each(len(requests), func(i int) {
		expected, found := plain[requests[i].Chart].render(requests[i], nil), watched[requests[i].Chart].render(requests[i], functions)
		different[i] = expected.Text != found.Text || expected.Notes != found.Notes
		found.takeApart()
		trace.sawObjects(requests[i].Chart, found)
	})
	for i := range different {
		if different[i] {
			return fmt.Errorf("request %d renders otherwise when its branches are watched: %+v", i+1, requests[i])
		}
	}
	for i, each := range trace.branches {
		each.Taken = trace.taken[i].Load()
	}
	return write(to, trace.branches)
}

// rewriteChart rewrites the templates among a chart's files.
func (t *tracer) rewriteChart(folder string, files []*archive.BufferedFile) error {
	for _, each := range files {
		if !strings.HasPrefix(each.Name, "templates/") && !strings.Contains(each.Name, "/templates/") {
			continue
		}
		found, where := file{each.Name, string(each.Data)}, path.Join(folder, each.Name)
		t.files[where] = found
		if _, known := t.firsts[found]; !known {
			t.firsts[found] = where
		}
		t.here = place{found, 0}
		if !strings.HasPrefix(path.Base(each.Name), "_") {
			t.number(branch{Line: 1, Template: true, Words: path.Base(each.Name)})
		}
		if err := t.rewrite(each); err != nil {
			return err
		}
	}
	return nil
}

func (t *tracer) rewrite(file *archive.BufferedFile) error {
	trees := map[string]*parse.Tree{}
	top := parse.New(file.Name)
	top.Mode = parse.SkipFuncCheck
	if _, err := top.Parse(string(file.Data), "", "", trees); err != nil {
		return err
	}
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(trees)) {
		t.list(trees[name].Root)
		if name == file.Name {
			text.WriteString(trees[name].Root.String())
			continue
		}
		t.enter(trees[name].Root, branch{Line: lineOf(file.Data, name), Template: true, Words: name})
		fmt.Fprintf(&text, "{{define %q}}%s{{end}}", name, trees[name].Root)
	}
	file.Data = []byte(text.String())
	return nil
}

// list finds the branches below a list of nodes.
func (t *tracer) list(nodes *parse.ListNode) {
	for _, node := range nodes.Nodes {
		switch found := node.(type) {
		case *parse.IfNode:
			t.branch(&found.BranchNode, "if")
		case *parse.WithNode:
			t.branch(&found.BranchNode, "with")
		case *parse.RangeNode:
			t.branch(&found.BranchNode, "range")
		}
	}
}

// branch marks both ways of an if or a with, also of one that has no else, and the body of a range.
func (t *tracer) branch(of *parse.BranchNode, word string) {
	words := fmt.Sprintf("%s %s", word, of.Pipe)
	t.list(of.List)
	t.enter(of.List, branch{Line: of.Line, Words: words})
	if of.ElseList == nil && word != "range" {
		of.ElseList = &parse.ListNode{NodeType: parse.NodeList}
	}
	if of.ElseList == nil {
		return
	}
	t.list(of.ElseList)
	if !decides(of.ElseList) {
		t.enter(of.ElseList, branch{Line: of.Line, Words: "not: " + words})
	}
}

// decides tells whether a list is nothing but another if or with, as in "else if": its ways are marked already.
func decides(nodes *parse.ListNode) bool {
	if len(nodes.Nodes) != 1 {
		return false
	}
	kind := nodes.Nodes[0].Type()
	return kind == parse.NodeIf || kind == parse.NodeWith
}

// enter puts a call in front of a list of nodes.
func (t *tracer) enter(nodes *parse.ListNode, as branch) {
	text := fmt.Sprintf("{{%s %d}}", called, t.number(as))
	tree := parse.New("")
	tree.Mode = parse.SkipFuncCheck
	if _, err := tree.Parse(text, "", "", map[string]*parse.Tree{}); err != nil {
		panic(err)
	}
	nodes.Nodes = append(tree.Root.Nodes, nodes.Nodes...)
}

// number is that of the next branch of the current file.
func (t *tracer) number(next branch) int {
	number, known := t.numbers[t.here]
	if !known {
		number = len(t.branches)
		t.numbers[t.here] = number
		next.File = t.firsts[t.here.file]
		t.branches = append(t.branches, &next)
		t.taken = append(t.taken, &atomic.Bool{})
	}
	t.here.ordinal++
	return number
}

// sawObjects notes which templates had something to say in a rendering.
func (t *tracer) sawObjects(folder string, made answer) {
	names := []string{}
	for _, each := range made.Objects {
		_, name, _ := strings.Cut(each.Source, "/")
		names = append(names, name)
	}
	if strings.TrimSpace(made.Notes) != "" {
		names = append(names, "templates/NOTES.txt")
	}
	for _, name := range names {
		if found, known := t.files[path.Join(folder, name)]; known {
			t.taken[t.numbers[place{found, 0}]].Store(true)
		}
	}
}

// lineOf is the line in which a template is defined.
func lineOf(text []byte, name string) int {
	before, _, _ := strings.Cut(string(text), fmt.Sprintf("define %q", name))
	return strings.Count(before, "\n") + 1
}
