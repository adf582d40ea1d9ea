package pdf

import (
	"fmt"
	"strings"
	"testing"
)

// onePage gives the page of a document whose page and page tree root have the given entries.
func onePage(t *testing.T, entries, inherited string) *Page {
	t.Helper()
	m := newMaker().obj(1, "<</Type/Catalog/Pages 2 0 R>>")
	m.obj(2, "<</Type/Pages/Kids[3 0 R]/Count 1"+inherited+">>").obj(3, "<</Type/Page/Parent 2 0 R"+entries+">>").obj(4, "50")
	p, err := mustOpen(t, m.table(root).Bytes()).Latest().Page(1)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPage_boxes(t *testing.T) {
	for _, c := range []struct {
		page, inherited string
		media, crop     [4]float64
	}{
		{"/MediaBox[0 0 100 200]", "", [4]float64{0, 0, 100, 200}, [4]float64{0, 0, 100, 200}},
		{"", "/MediaBox[0 0 100 200]/CropBox[10 10 50 50]", [4]float64{0, 0, 100, 200}, [4]float64{10, 10, 50, 50}},
		{"/CropBox[1 2 3 4]", "/MediaBox[0 0 100 200]/CropBox[10 10 50 50]", [4]float64{0, 0, 100, 200}, [4]float64{1, 2, 3, 4}},
		{"/MediaBox[100 200 -10 -20.5]", "", [4]float64{-10, -20.5, 100, 200}, [4]float64{-10, -20.5, 100, 200}},
		{"/MediaBox[0 0 100 200]/CropBox[-5 50 500 500]", "", [4]float64{0, 0, 100, 200}, [4]float64{0, 50, 100, 200}},
		{"/MediaBox[0 0 100 200]/CropBox[300 300 400 400]", "", [4]float64{0, 0, 100, 200}, [4]float64{0, 0, 100, 200}},
		{"/MediaBox[0 0 4 0 R 200]", "", [4]float64{0, 0, 50, 200}, [4]float64{0, 0, 50, 200}},
		{"", "", letter, letter},
	} {
		p := onePage(t, c.page, c.inherited)
		if p.MediaBox != c.media || p.CropBox != c.crop {
			t.Errorf("%s %s: media %v crop %v", c.page, c.inherited, p.MediaBox, p.CropBox)
		}
	}
}

func TestPage_rotationAndUnit(t *testing.T) {
	for in, want := range map[string]int{
		"0": 0, "90": 90, "180": 180, "270": 270, "360": 0, "450": 90, "-90": 270, "-450": 270, "990": 270, "540": 180,
		"45": 0, "-1": 0, "90.0": 90, "90.5": 0, "1000000000000000000": 0, "null": 0,
	} {
		if p := onePage(t, "/Rotate "+in, "/MediaBox[0 0 9 9]"); p.Rotate != want {
			t.Errorf("/Rotate %s gives %d, want %d", in, p.Rotate, want)
		}
		if p := onePage(t, "", "/MediaBox[0 0 9 9]/Rotate "+in); p.Rotate != want {
			t.Errorf("inherited /Rotate %s gives %d, want %d", in, p.Rotate, want)
		}
	}
	for in, want := range map[string]float64{"": 1, "/UserUnit 2": 2, "/UserUnit 1.5": 1.5, "/UserUnit 0": 1, "/UserUnit -3": 1} {
		if p := onePage(t, in, "/MediaBox[0 0 9 9]"); p.UserUnit != want {
			t.Errorf("%q gives unit %v", in, p.UserUnit)
		}
	}
}

// TestPage_firstNeedsNoOther reads page 1 of a document whose later pages are broken.
func TestPage_firstNeedsNoOther(t *testing.T) {
	m := newMaker()
	m.pages("[3 0 R 4 0 R 9 0 R]", 3)
	v := mustOpen(t, m.Bytes()).Latest()
	for n := 1; n <= 2; n++ {
		if _, err := v.Page(n); err != nil {
			t.Fatal(err)
		}
	}
	_, err := v.Page(3)
	wantRule(t, err, "S10")
	if _, err := v.Page(1); err != nil {
		t.Errorf("page 1 after the failure: %v", err)
	}
	_, err = v.PageCount()
	wantRule(t, err, "S10")
	for _, n := range []int{0, -1} {
		if _, err := v.Page(n); err == nil {
			t.Errorf("page %d is given", n)
		}
	}
}

// TestPage_tree walks a tree with inner nodes and checks order and inheritance.
func TestPage_tree(t *testing.T) {
	m := newMaker().obj(1, "<</Type/Catalog/Pages 2 0 R>>")
	m.obj(2, "<</Type/Pages/Kids[3 0 R 10 0 R 4 0 R]/Count 7/MediaBox[0 0 1 1]>>")
	for i, kids := range []string{"[11 0 R 12 0 R 13 0 R]", "[14 0 R 15 0 R 16 0 R]"} {
		m.obj(3+i, fmt.Sprintf("<</Type/Pages/Parent 2 0 R/Kids%s/Count 3/Rotate %d>>", kids, 90*(i+1)))
	}
	for n := 10; n <= 16; n++ {
		m.obj(n, "<</Type/Page>>")
	}
	v := mustOpen(t, m.table(root).Bytes()).Latest()
	var got []string
	for n := 1; n <= 7; n++ {
		p, err := v.Page(n)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%d/%d", p.Ref.ObjectNumber, p.Rotate))
	}
	if s := strings.Join(got, " "); s != "11/90 12/90 13/90 10/0 14/180 15/180 16/180" {
		t.Errorf("pages %s", s)
	}
	if n, err := v.PageCount(); n != 7 || err != nil {
		t.Errorf("%d pages, %v", n, err)
	}
	if _, err := v.Page(8); err == nil {
		t.Error("page 8 of 7 is given")
	}
}
