package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"sealdesk/ui/explain"
	"sealdesk/ui/i18n"
)

// usage is what the sources of the front ends say of the catalogues.
type usage struct {
	literals map[string]bool
	prefixes []string // literals that end with a point, completed at run time
	calls    map[string]string
	plurals  map[string]string
}

var tagKey = regexp.MustCompile(`\$\{(flag|help)_([a-z_]+)\}`)

// readUsage parses every source file below ui and the commands that show text.
func readUsage(t *testing.T) usage {
	t.Helper()
	u := usage{literals: map[string]bool{}, calls: map[string]string{}, plurals: map[string]string{}}
	files := 0
	for _, root := range []string{"../../ui", ".", "../internal", "../sealdesk", "../sealcenter"} {
		if _, err := os.Stat(root); err != nil {
			continue
		}
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			files++
			ast.Inspect(f, func(n ast.Node) bool { u.visit(n, path); return true })
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if files < 20 {
		t.Fatalf("only %d source files found", files)
	}
	return u
}

func (u *usage) visit(n ast.Node, path string) {
	switch n := n.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(n.Value)
		if n.Kind != token.STRING || err != nil {
			return
		}
		u.literals[s] = true
		for _, m := range tagKey.FindAllStringSubmatch(s, -1) {
			u.literals[m[1]+"."+m[2]] = true
			u.calls[m[1]+"."+m[2]] = path
		}
		if len(s) > 1 && strings.HasSuffix(s, ".") && !strings.ContainsAny(s, " /") {
			u.prefixes = append(u.prefixes, s)
		}
	case *ast.CallExpr:
		sel, ok := n.Fun.(*ast.SelectorExpr)
		if !ok || len(n.Args) == 0 {
			return
		}
		lit, ok := n.Args[0].(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			return
		}
		s, err := strconv.Unquote(lit.Value)
		if err != nil {
			return
		}
		switch sel.Sel.Name {
		case "T", "say", "text":
			u.calls[s] = path
		case "N":
			u.plurals[s] = path
		case "check", "skip", "checkTimestamp": // of an inspection
			u.calls["inspected."+s] = path
		}
	}
}

// generic are the prefixes whose keys must be listed by ui/explain one by one.
var generic = []string{"error.", "reason.", "change.", "finding.", "rule.", "save.", "who.", "status.", "detail.", "module."}

func TestCatalogues_keysAreKnownAndUsed(t *testing.T) {
	u := readUsage(t)
	cat, err := i18n.New(i18n.Chinese)
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, k := range explain.Keys() {
		for _, part := range []string{".what", ".why", ".do"} {
			used["error."+k+part] = true
		}
	}
	for _, k := range explain.DetailKeys() {
		used[k] = true
	}
	for k, path := range u.calls {
		if !cat.Has(k) {
			t.Errorf("%s: %q is not in the catalogues", path, k)
		}
	}
	for k, path := range u.plurals {
		used[k+".one"], used[k+".other"] = true, true
		if !cat.Has(k+".one") || !cat.Has(k+".other") {
			t.Errorf("%s: plural %q is not in the catalogues", path, k)
		}
	}
	for _, k := range cat.Keys() {
		if !used[k] && !u.literals[k] && !u.completes(k) {
			t.Errorf("%s is never used", k)
		}
	}
}

func (u *usage) completes(key string) bool {
	for _, g := range generic {
		if strings.HasPrefix(key, g) {
			return false
		}
	}
	for _, p := range u.prefixes {
		if p != "help." && p != "flag." && strings.HasPrefix(key, p) {
			return true
		}
	}
	return false
}
