//go:build linux && cgo

package main

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// dragSource is another program on the display, from which files are dragged: the source of the XDND protocol, version 5.
type dragSource struct {
	conn   *xgb.Conn
	window xproto.Window
	target xproto.Window
	files  string // as text/uri-list
	atoms  map[string]xproto.Atom
}

// dropPatience is how long the window may take to answer.
const dropPatience = 2 * time.Minute

// drop drags files and folders from another program to a place of the window and lets go.
func (d *display) drop(x, y int, paths ...string) {
	d.t.Helper()
	if len(paths) == 0 {
		d.t.Fatal("nothing to drop")
	}
	xgb.Logger.SetOutput(io.Discard) // it tells that the display needs no authority
	conn, err := xgb.NewConnDisplay(d.name)
	if err != nil {
		d.t.Fatal(err)
	}
	late := time.AfterFunc(dropPatience, conn.Close)
	defer conn.Close()
	s := &dragSource{conn: conn, files: uriList(paths), atoms: map[string]xproto.Atom{}}
	if err := s.drag(x, y); err != nil {
		d.t.Fatalf("drop of %d paths at %d,%d: %v", len(paths), x, y, err)
	}
	if !late.Stop() {
		d.t.Fatalf("drop of %d paths: no answer within %v", len(paths), dropPatience)
	}
}

// uriList writes paths as file managers do (RFC 2483, section 5).
func uriList(paths []string) string {
	var b strings.Builder
	for _, p := range paths {
		b.WriteString((&url.URL{Scheme: "file", Path: p}).String() + "\r\n")
	}
	return b.String()
}

// drag goes through a whole drag: the files are announced, carried over the window, dropped, handed over.
func (s *dragSource) drag(x, y int) error {
	for _, name := range []string{"XdndAware", "XdndSelection", "XdndEnter", "XdndPosition", "XdndStatus", "XdndDrop", "XdndFinished", "XdndActionCopy", "text/uri-list"} {
		r, err := xproto.InternAtom(s.conn, false, uint16(len(name)), name).Reply()
		if err != nil {
			return err
		}
		s.atoms[name] = r.Atom
	}
	screen := xproto.Setup(s.conn).DefaultScreen(s.conn)
	if err := s.find(screen.Root); err != nil {
		return err
	}
	var err error
	if s.window, err = xproto.NewWindowId(s.conn); err != nil {
		return err
	}
	if err := xproto.CreateWindowChecked(s.conn, 0, s.window, screen.Root, 0, 0, 1, 1, 0, xproto.WindowClassInputOnly, 0, 0, nil).Check(); err != nil {
		return err
	}
	if err := xproto.SetSelectionOwnerChecked(s.conn, s.window, s.atoms["XdndSelection"], xproto.TimeCurrentTime).Check(); err != nil {
		return err
	}
	if err := s.send("XdndEnter", xdndVersion<<24, uint32(s.atoms["text/uri-list"]), 0, 0); err != nil {
		return err
	}
	for i := 1; i <= 4; i++ {
		at := uint32(x*i/4)<<16 | uint32(y*i/4)
		if err := s.send("XdndPosition", 0, at, xproto.TimeCurrentTime, uint32(s.atoms["XdndActionCopy"])); err != nil {
			return err
		}
		if err := s.accepted("XdndStatus"); err != nil {
			return err
		}
	}
	if err := s.send("XdndDrop", 0, xproto.TimeCurrentTime, 0, 0); err != nil {
		return err
	}
	return s.accepted("XdndFinished")
}

const xdndVersion = 5

// find finds the topmost window that takes drops.
func (s *dragSource) find(root xproto.Window) error {
	tree, err := xproto.QueryTree(s.conn, root).Reply()
	if err != nil {
		return err
	}
	for i := len(tree.Children) - 1; i >= 0; i-- {
		p, err := xproto.GetProperty(s.conn, false, tree.Children[i], s.atoms["XdndAware"], xproto.AtomAtom, 0, 1).Reply()
		if err != nil {
			return err
		}
		if p.ValueLen == 0 {
			continue
		}
		if v := xgb.Get32(p.Value); v < xdndVersion {
			return fmt.Errorf("the window takes drops of version %d", v)
		}
		s.target = tree.Children[i]
		return nil
	}
	return errors.New("no window takes drops")
}

// send sends a message of the protocol to the window; its first word is the source.
func (s *dragSource) send(message string, words ...uint32) error {
	e := xproto.ClientMessageEvent{Format: 32, Window: s.target, Type: s.atoms[message],
		Data: xproto.ClientMessageDataUnionData32New(append([]uint32{uint32(s.window)}, words...))}
	return xproto.SendEventChecked(s.conn, false, s.target, xproto.EventMaskNoEvent, string(e.Bytes())).Check()
}

// accepted waits for a message of the window, and hands the files over where it asks for them. The second word says whether the
// window takes them: by the protocol its lowest bit, but GLFW puts the length of what it has got there.
func (s *dragSource) accepted(message string) error {
	for {
		e, err := s.conn.WaitForEvent()
		switch e := e.(type) {
		case nil:
			if err != nil {
				return err
			}
			return fmt.Errorf("no %s within %v", message, dropPatience)
		case xproto.SelectionRequestEvent:
			if err := s.handOver(e); err != nil {
				return err
			}
		case xproto.ClientMessageEvent:
			if e.Type != s.atoms[message] {
				continue
			}
			if e.Data.Data32[1] == 0 {
				return fmt.Errorf("%s: the window does not take the files", message)
			}
			return nil
		}
	}
}

// handOver gives the list of files to the window.
func (s *dragSource) handOver(e xproto.SelectionRequestEvent) error {
	if e.Target != s.atoms["text/uri-list"] {
		return errors.New("the window asks for another type than it was offered")
	}
	if err := xproto.ChangePropertyChecked(s.conn, xproto.PropModeReplace, e.Requestor, e.Property, e.Target, 8, uint32(len(s.files)), []byte(s.files)).Check(); err != nil {
		return err
	}
	n := xproto.SelectionNotifyEvent{Time: e.Time, Requestor: e.Requestor, Selection: e.Selection, Target: e.Target, Property: e.Property}
	return xproto.SendEventChecked(s.conn, false, e.Requestor, xproto.EventMaskNoEvent, string(n.Bytes())).Check()
}

func TestURIList(t *testing.T) {
	const want = "file:///a/%E9%80%9A%E7%9F%A5%20100%25%23.pdf\r\nfile:///b\r\n"
	if got := uriList([]string{"/a/通知 100%#.pdf", "/b"}); got != want {
		t.Errorf("%q", got)
	}
}
