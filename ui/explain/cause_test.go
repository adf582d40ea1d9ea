package explain_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"sealdesk/pdfseal"
	"sealdesk/ui/explain"
	"sealdesk/ui/i18n"
)

// TestError_causes: what the system says is put into words, and a temporary file is not shown to people.
func TestError_causes(t *testing.T) {
	cat, err := i18n.New(i18n.Chinese)
	if err != nil {
		t.Fatal(err)
	}
	temp := filepath.Join("out", ".sealdesk-0123456789abcdef.tmp")
	path := func(err error) error { return &fs.PathError{Op: "write", Path: temp, Err: err} }
	for want, err := range map[string]error{
		"out：磁盘已满":              &pdfseal.SaveError{Step: pdfseal.StepWrite, Path: temp, Err: path(syscall.ENOSPC)},
		"out：磁盘或文件夹是只读的":        &pdfseal.SaveError{Step: pdfseal.StepCreate, Path: "out", Err: path(syscall.EROFS)},
		"out 不存在，或不是文件夹":        &pdfseal.SaveError{Step: pdfseal.StepCreate, Path: "out", Err: path(os.ErrNotExist)},
		"系统存不下这样长的名称：out/a.pdf": &pdfseal.SaveError{Step: pdfseal.StepRename, Path: "out/a.pdf", Err: path(syscall.ENAMETOOLONG)},
		"out：some new fault":    &pdfseal.SaveError{Step: pdfseal.StepSync, Path: temp, Err: path(errNew{})},
		"a.pdf：存储介质读写出错":        &fs.PathError{Op: "read", Path: "a.pdf", Err: syscall.EIO},
		"a.pdf：符号链接绕成一圈":        &fs.PathError{Op: "open", Path: "a.pdf", Err: syscall.ELOOP},
		"找不到 a 结论：有效":           &fs.PathError{Op: "open", Path: "a\n结论：有效", Err: syscall.ENOENT}, // a name makes no second line
		"a.pdf：这是文件夹":           &fs.PathError{Op: "read", Path: "a.pdf", Err: syscall.EISDIR},
		"找不到 a.pdf":             &fs.PathError{Op: "open", Path: "a.pdf", Err: syscall.ENOENT},
		"系统不允许读写 a.pdf":         &fs.PathError{Op: "open", Path: "a.pdf", Err: syscall.EACCES},
	} {
		if got := explain.Error(err).Texts(cat).Why; got != want || strings.Contains(got, ".tmp") {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

type errNew struct{}

func (errNew) Error() string { return "some new fault" }
