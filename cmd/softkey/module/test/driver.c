#define _GNU_SOURCE
#include "driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

CK_FUNCTION_LIST *F;
const char *store;
unsigned long checks, failures;

void check(int ok, const char *file, int line, const char *what, unsigned long got, unsigned long want)
{
	checks++;
	if (ok)
		return;
	failures++;
	fprintf(stdout, "%s:%d: %s: got 0x%lx, want 0x%lx\n", file, line, what, got, want);
}

static void path_of(char *out, size_t n, const char *name)
{
	if (snprintf(out, n, "%s/%s", store, name) >= (int)n)
		abort();
}

void put_file(const char *name, const void *data, size_t n)
{
	char path[4096];
	FILE *f;

	path_of(path, sizeof path, name);
	unlink(path); /* a new file, as by rename */
	f = fopen(path, "wb");
	if (!f || fwrite(data, 1, n, f) != n || fclose(f) != 0)
		abort();
}

void put_text(const char *name, const char *text)
{
	put_file(name, text, strlen(text));
}

unsigned char *get_file(const char *name, size_t *n)
{
	unsigned char *p = malloc(1 << 20);
	char path[4096];
	FILE *f;

	path_of(path, sizeof path, name);
	f = fopen(path, "rb");
	if (!f || !p) {
		free(p);
		if (f)
			fclose(f);
		return NULL;
	}
	*n = fread(p, 1, (1 << 20) - 1, f);
	p[*n] = 0;
	fclose(f);
	return p;
}

/* Puts line in the place of the lines that begin with key. */
void replace_line(const char *name, const char *key, const char *line)
{
	size_t n, used;
	char *text = (char *)get_file(name, &n), *out, *p, *next;

	if (!text)
		abort();
	out = malloc(n + strlen(line) + 2);
	if (!out)
		abort();
	used = (size_t)sprintf(out, "%s\n", line);
	for (p = text; *p; p = next) {
		next = strchr(p, '\n');
		next = next ? next + 1 : p + strlen(p);
		if (strncmp(p, key, strlen(key)) == 0)
			continue;
		memcpy(out + used, p, (size_t)(next - p));
		used += (size_t)(next - p);
	}
	put_file(name, out, used);
	free(out);
	free(text);
}

void drop_file(const char *name)
{
	char path[4096];

	path_of(path, sizeof path, name);
	unlink(path);
}

static void move_file(const char *from, const char *to)
{
	char old[4096], new[4096];

	path_of(old, sizeof old, from);
	path_of(new, sizeof new, to);
	if (rename(old, new) != 0)
		abort();
}

static void slot_file(char *out, size_t n, int slot, const char *name)
{
	snprintf(out, n, "slot%d/%s", slot, name);
}

/* By rename, as the provisioning tool does: a file that is still being written is one insertion, and written another. */
void plug(int slot)
{
	char name[64], whole[64];

	slot_file(name, sizeof name, slot, "present.new");
	slot_file(whole, sizeof whole, slot, "present");
	put_text(name, "1\n");
	move_file(name, whole);
}

void pull(int slot)
{
	char name[64];

	slot_file(name, sizeof name, slot, "present");
	drop_file(name);
}

void fault(int slot, const char *line)
{
	char name[64], text[160];

	slot_file(name, sizeof name, slot, "fault");
	snprintf(text, sizeof text, "%s\n", line);
	put_text(name, text);
}

void start(void)
{
	plug(0);
	plug(1);
	WANT(F->C_Initialize(NULL), CKR_OK);
}

void stop(void)
{
	WANT(F->C_Finalize(NULL), CKR_OK);
}

static CK_SESSION_HANDLE open_session(CK_SLOT_ID slot, CK_FLAGS flags)
{
	CK_SESSION_HANDLE h = 0;

	WANT(F->C_OpenSession(slot, flags, NULL, NULL, &h), CKR_OK);
	return h;
}

CK_SESSION_HANDLE open_rw(CK_SLOT_ID slot)
{
	return open_session(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION);
}

CK_SESSION_HANDLE open_ro(CK_SLOT_ID slot)
{
	return open_session(slot, CKF_SERIAL_SESSION);
}

CK_RV login(CK_SESSION_HANDLE h, CK_USER_TYPE who, const char *pin)
{
	return F->C_Login(h, who, (unsigned char *)pin, strlen(pin));
}

CK_SESSION_HANDLE logged_in(CK_SLOT_ID slot)
{
	CK_SESSION_HANDLE h = open_rw(slot);

	WANT(login(h, CKU_USER, USER_PIN), CKR_OK);
	return h;
}

CK_ULONG find(CK_SESSION_HANDLE h, CK_OBJECT_CLASS cls, CK_OBJECT_HANDLE *first)
{
	CK_ATTRIBUTE t = { CKA_CLASS, &cls, sizeof cls };
	CK_OBJECT_HANDLE all[64];
	CK_ULONG n = 0;

	WANT(F->C_FindObjectsInit(h, &t, 1), CKR_OK);
	WANT(F->C_FindObjects(h, all, 64, &n), CKR_OK);
	WANT(F->C_FindObjectsFinal(h), CKR_OK);
	if (first)
		*first = n ? all[0] : 0;
	return n;
}

CK_FLAGS token_flags(CK_SLOT_ID slot)
{
	CK_TOKEN_INFO info;

	memset(&info, 0, sizeof info);
	WANT(F->C_GetTokenInfo(slot, &info), CKR_OK);
	return info.flags;
}

CK_RV sign_init(CK_SESSION_HANDLE h, CK_MECHANISM_TYPE m, CK_OBJECT_HANDLE key)
{
	CK_MECHANISM mech = { m, NULL, 0 };

	return F->C_SignInit(h, &mech, key);
}

/* "abort" as second argument: the fault of that name must end the process. */
static int run_abort(void)
{
	unsigned char e[32] = { 1 }, sig[64];
	CK_ULONG n = sizeof sig;
	CK_SESSION_HANDLE h;
	CK_OBJECT_HANDLE key;

	start();
	h = logged_in(0);
	find(h, CKO_PRIVATE_KEY, &key);
	WANT(sign_init(h, MECH_E_RAW, key), CKR_OK);
	fault(0, "abort");
	F->C_Sign(h, e, sizeof e, sig, &n);
	return 1;
}

int main(int argc, char **argv)
{
	if (argc < 2 || C_GetFunctionList(&F) != CKR_OK)
		return 2;
	store = argv[1];
	if (argc > 2 && strcmp(argv[2], "abort") == 0) {
		setenv("SOFTKEY_DIR", store, 1);
		return run_abort();
	}
	test_start();
	test_sessions();
	test_login();
	test_objects();
	test_generate();
	test_sign();
	test_faults();
	test_digest();
	test_hot_plug();
	test_corrupt();
	test_init_token();
	printf("%lu checks, %lu failures\n", checks, failures);
	return failures != 0;
}
