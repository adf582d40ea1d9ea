package pdf

// checkUneven decides about tables whose entries have not 20 bytes each (rule S5). A reader that counts by 20 bytes finds such a
// table broken and rebuilds it from the objects that it meets in the file; a reader of lines takes it as it stands. Both see the
// same document where every text "N G obj" and every word trailer of the file is one that the tables name, and where no object was
// freed later: then the table is accepted and noted, otherwise refused.
func (f *File) checkUneven(sections []*section) error {
	var odd *section
	trailers := 0
	for _, s := range sections {
		if s.uneven {
			odd = s
		}
		if s.kind == Table {
			trailers++
		}
	}
	if odd == nil {
		return nil
	}
	refuse := func() error {
		return syntax("S5", odd.offset, "entries of the cross-reference table have not 20 bytes each")
	}
	listed := map[int64]bool{}
	used := map[int]bool{}
	for _, r := range f.revs {
		for num, e := range r.Entries {
			switch {
			case e.Kind == InUse:
				listed[e.Offset] = true
			case e.Kind == Compressed || used[num]:
				return refuse()
			}
		}
		for num, e := range r.Entries {
			used[num] = used[num] || e.Kind == InUse
		}
	}
	objects, words, err := f.scan(listed)
	if err != nil {
		return err
	}
	if objects != len(listed) || words != trailers {
		return refuse()
	}
	f.addNote(Note{"S5", odd.offset, "entries of the cross-reference table have not 20 bytes each"})
	return nil
}

// scan goes through the whole file and counts the texts "N G obj" and the words trailer. An object at a place that is not listed
// counts double, so that the sum cannot come out right.
func (f *File) scan(listed map[int64]bool) (objects, trailers int, err error) {
	l := newLexer(f.src, 0, f.size, nil)
	prev := -1
	for l.pos < l.end && l.err == nil {
		at := l.pos
		c := l.peek()
		switch {
		case c == 't' && l.accept("trailer"):
			trailers++
		case isDigit(c) && !isDigit(prev):
			if _, _, _, err := header(l, at, true); err == nil {
				if objects++; !listed[at] {
					objects += len(listed) + 1
				}
			}
		}
		if l.err != nil {
			break
		}
		l.pos, prev = at+1, c
		if at%(1<<20) == 0 && f.ctx.Err() != nil {
			return 0, 0, f.ctx.Err()
		}
	}
	if l.err != nil {
		return 0, 0, l.fail("S5", l.pos, "read error")
	}
	return objects, trailers, nil
}
