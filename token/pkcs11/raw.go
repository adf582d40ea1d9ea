//go:build cgo

package pkcs11

/*
#cgo linux LDFLAGS: -ldl
#include <stdlib.h>
#include <string.h>

// The part of PKCS#11 2.40 that the binding cannot do: a look at the function table before anything is called through it, C_Login
// from memory that is wiped, C_Sign without a length query, and C_GetAttributeValue with a bound. CK_ULONG is unsigned long.
#ifdef _WIN32
#include <windows.h>
#pragma pack(push, 1)
#else
#include <dlfcn.h>
#endif

typedef struct { unsigned char major, minor; void *fn[68]; } sd_table;
typedef struct { unsigned long type; void *value; unsigned long len; } sd_attribute;

#ifdef _WIN32
#pragma pack(pop)
#endif

typedef unsigned long (*sd_get_list)(sd_table **);
typedef unsigned long (*sd_login_fn)(unsigned long, unsigned long, unsigned char *, unsigned long);
typedef unsigned long (*sd_sign_fn)(unsigned long, unsigned char *, unsigned long, unsigned char *, unsigned long *);
typedef unsigned long (*sd_attr_fn)(unsigned long, unsigned long, sd_attribute *, unsigned long);

// sd_load opens the library, which stays loaded, and asks it for its table. what: 0 ok, 1 not loadable, 2 no entry point, 3 refused.
static sd_table *sd_load(const char *path, int *what, unsigned long *rv, char *why, size_t whylen) {
	sd_get_list get;
	sd_table *t = NULL;
	*what = 0;
	*rv = 0;
#ifdef _WIN32
	HMODULE h = LoadLibraryA(path);
	if (h == NULL) {
		*what = 1;
		*rv = GetLastError();
		return NULL;
	}
	get = (sd_get_list)(void *)GetProcAddress(h, "C_GetFunctionList");
#else
	void *h = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
	if (h == NULL) {
		const char *e = dlerror();
		*what = 1;
		strncpy(why, e ? e : "", whylen - 1);
		return NULL;
	}
	get = (sd_get_list)dlsym(h, "C_GetFunctionList");
#endif
	if (get == NULL) {
		*what = 2;
		return NULL;
	}
	*rv = get(&t);
	if (*rv != 0 || t == NULL) {
		*what = 3;
		return NULL;
	}
	return t;
}

static int sd_filled(sd_table *t, int i) { return t->fn[i] != NULL; }

static unsigned long sd_login(sd_table *t, unsigned long session, unsigned long user, const void *pin, unsigned long len) {
	unsigned char *copy = NULL;
	unsigned long rv, i;
	if (len > 0) {
		copy = malloc(len);
		if (copy == NULL) return 2;
		memcpy(copy, pin, len);
	}
	rv = ((sd_login_fn)t->fn[18])(session, user, copy, len);
	for (i = 0; i < len; i++) ((volatile unsigned char *)copy)[i] = 0;
	free(copy);
	return rv;
}

static unsigned long sd_sign(sd_table *t, unsigned long session, void *in, unsigned long inlen, void *out, unsigned long *outlen) {
	return ((sd_sign_fn)t->fn[43])(session, in, inlen, out, outlen);
}

static unsigned long sd_attr(sd_table *t, unsigned long session, unsigned long object, unsigned long type, void *value, unsigned long *len) {
	sd_attribute a;
	unsigned long rv;
	a.type = type;
	a.value = value;
	a.len = *len;
	rv = ((sd_attr_fn)t->fn[24])(session, object, &a, 1);
	*len = a.len;
	return rv;
}
*/
import "C"

import (
	"errors"
	"fmt"
	"unsafe"

	"sealdesk/token"
)

// called are the entries of CK_FUNCTION_LIST that this package and the binding call. An empty one would end the process.
var called = []struct {
	index int
	name  string
}{
	{0, "C_Initialize"}, {1, "C_Finalize"}, {2, "C_GetInfo"}, {4, "C_GetSlotList"}, {6, "C_GetTokenInfo"}, {7, "C_GetMechanismList"},
	{8, "C_GetMechanismInfo"}, {12, "C_OpenSession"}, {13, "C_CloseSession"}, {15, "C_GetSessionInfo"}, {18, "C_Login"},
	{19, "C_Logout"}, {24, "C_GetAttributeValue"}, {26, "C_FindObjectsInit"}, {27, "C_FindObjects"}, {28, "C_FindObjectsFinal"},
	{42, "C_SignInit"}, {43, "C_Sign"},
}

// raw is the function table of a loaded library.
type raw struct{ table *C.sd_table }

// load opens the library and checks its table. The library is never unloaded: vendor libraries leave threads and handlers behind.
func load(path string) (*raw, error) {
	fail := func(reason string, err error) (*raw, error) {
		return nil, &token.ModuleError{Path: path, Reason: reason, Err: err}
	}
	p := C.CString(path)
	defer C.free(unsafe.Pointer(p))
	var what C.int
	var rv C.ulong
	var why [512]C.char
	t := C.sd_load(p, &what, &rv, &why[0], C.size_t(len(why)))
	switch what {
	case 1:
		if s := C.GoString(&why[0]); s != "" {
			return fail(token.ReasonLoad, errors.New(s))
		}
		return fail(token.ReasonLoad, fmt.Errorf("system error %d", uint64(rv)))
	case 2:
		return fail(token.ReasonNoEntry, nil)
	case 3:
		return fail(token.ReasonInitialise, opError(entryPoint, toCode(uint64(rv))))
	}
	for _, f := range called {
		if C.sd_filled(t, C.int(f.index)) == 0 {
			return fail(token.ReasonTable, errors.New(f.name+" is missing"))
		}
	}
	return &raw{t}, nil
}

// toCode narrows CK_RV, which has 32 significant bits.
func toCode(rv uint64) code { return code(uint32(rv)) }

// login calls C_Login once. The PIN is copied to memory that is wiped; nil is passed as NULL, which asks for a protected path.
func (r *raw) login(session, user uint, secret []byte) code {
	return toCode(uint64(C.sd_login(r.table, C.ulong(session), C.ulong(user), unsafe.Pointer(unsafe.SliceData(secret)), C.ulong(len(secret)))))
}

// maxAnswer is more than any SM2 signature needs.
const maxAnswer = 512

// sign calls C_Sign once with a buffer that is large enough. There is no length query before it, which some keys take for the
// signature itself.
func (r *raw) sign(session uint, data []byte) ([]byte, code) {
	out := make([]byte, maxAnswer)
	n := C.ulong(len(out))
	rv := C.sd_sign(r.table, C.ulong(session), unsafe.Pointer(unsafe.SliceData(data)), C.ulong(len(data)), unsafe.Pointer(&out[0]), &n)
	if rv != 0 {
		return nil, toCode(uint64(rv))
	}
	return out[:min(uint64(n), maxAnswer)], ckrOK
}

// absent is how an attribute without a value answers (CK_UNAVAILABLE_INFORMATION).
const absent = -1

// attribute reads one attribute of at most limit bytes. n is its size, or absent; a value over the limit is not read.
func (r *raw) attribute(session, object, kind uint, limit int) (value []byte, n int, c code) {
	var size C.ulong
	if c = toCode(uint64(C.sd_attr(r.table, C.ulong(session), C.ulong(object), C.ulong(kind), nil, &size))); c != ckrOK {
		return nil, absent, c
	}
	if size == ^C.ulong(0) {
		return nil, absent, ckrOK
	}
	if uint64(size) > uint64(limit) {
		return nil, int(min(uint64(size), 1<<31-1)), ckrOK
	}
	value = make([]byte, size)
	if size == 0 {
		return value, 0, ckrOK
	}
	if c = toCode(uint64(C.sd_attr(r.table, C.ulong(session), C.ulong(object), C.ulong(kind), unsafe.Pointer(&value[0]), &size))); c != ckrOK {
		return nil, absent, c
	}
	if uint64(size) > uint64(len(value)) {
		return nil, absent, ckrOK
	}
	return value[:size], int(size), ckrOK
}
