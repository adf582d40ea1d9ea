/* Faults: slotN/fault holds lines "[point:]name [arg] [xN|x*]"; the first line that belongs to the
 * point fires and is used up. Points: sign (default), sign-init, login, find, read, cert (a
 * certificate is read), open, info, slots. */
#include "softkey.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *name;
	CK_RV rv;
} codes[] = {
	{ "device-removed", CKR_DEVICE_REMOVED },
	{ "device-error", CKR_DEVICE_ERROR },
	{ "device-memory", CKR_DEVICE_MEMORY },
	{ "function-failed", CKR_FUNCTION_FAILED },
	{ "function-canceled", CKR_FUNCTION_CANCELED },
	{ "function-rejected", CKR_FUNCTION_REJECTED },
	{ "general-error", CKR_GENERAL_ERROR },
	{ "host-memory", CKR_HOST_MEMORY },
	{ "token-not-present", CKR_TOKEN_NOT_PRESENT },
	{ "token-not-recognized", CKR_TOKEN_NOT_RECOGNIZED },
	{ "session-handle-invalid", CKR_SESSION_HANDLE_INVALID },
	{ "user-not-logged-in", CKR_USER_NOT_LOGGED_IN },
};

struct line {
	char point[16];
	struct sk_fault fault;
	long times; /* -1: until cleared */
};

static int parse(const char *text, struct line *l)
{
	char word[3][64];
	const char *colon, *name;
	int n = sscanf(text, "%63s %63s %63s", word[0], word[1], word[2]);

	if (n < 1)
		return 0;
	memset(l, 0, sizeof *l);
	l->times = 1;
	name = word[0];
	colon = strchr(name, ':');
	if (colon && (size_t)(colon - name) < sizeof l->point) {
		memcpy(l->point, name, (size_t)(colon - name));
		name = colon + 1;
	} else {
		strcpy(l->point, strcmp(name, "cert-mismatch") == 0 ? "cert" : "sign");
	}
	snprintf(l->fault.name, sizeof l->fault.name, "%.31s", name);
	while (n-- > 1) {
		if (word[n][0] == 'x')
			l->times = strcmp(word[n], "x*") == 0 ? -1 : strtol(word[n] + 1, NULL, 10);
		else
			snprintf(l->fault.arg, sizeof l->fault.arg, "%s", word[n]);
	}
	return 1;
}

/* rest gets what remains of the line once it has fired. */
static void spend(const struct line *l, char *rest, size_t max)
{
	rest[0] = 0;
	if (l->times < 0)
		snprintf(rest, max, "%s:%s %s x*\n", l->point, l->fault.name, l->fault.arg);
	else if (l->times > 1)
		snprintf(rest, max, "%s:%s %s x%ld\n", l->point, l->fault.name, l->fault.arg, l->times - 1);
}

static void store(const char *path, const char *head, size_t nhead, const char *rest, const char *tail)
{
	size_t nrest = strlen(rest), ntail = strlen(tail);
	char *p;

	if (nhead + nrest + ntail == 0) {
		unlink(path);
		return;
	}
	p = malloc(nhead + nrest + ntail);
	if (!p)
		return;
	memcpy(p, head, nhead);
	memcpy(p + nhead, rest, nrest);
	memcpy(p + nhead + nrest, tail, ntail);
	if (!sk_write(path, p, nhead + nrest + ntail, 0600))
		sk_say("cannot rewrite %s: %s", path, strerror(errno));
	free(p);
}

int sk_fault_take(const struct sk_slot *s, const char *point, struct sk_fault *f)
{
	char path[PATH_MAX], rest[160], one[256];
	char *text, *p, *next;
	struct line l;
	size_t n, len;
	int hit = 0;

	if (!sk_path(path, s->dir, "fault"))
		return 0;
	text = (char *)sk_read(path, SK_MAX_INI, &n);
	if (!text)
		return 0;
	for (p = text; *p && !hit; p = next) {
		next = strchr(p, '\n');
		next = next ? next + 1 : p + strlen(p);
		len = (size_t)(next - p);
		if (len >= sizeof one)
			continue;
		memcpy(one, p, len);
		one[len] = 0;
		if (!parse(one, &l) || strcmp(l.point, point) != 0)
			continue;
		hit = 1;
		*f = l.fault;
		spend(&l, rest, sizeof rest);
		if (l.times >= 0)
			store(path, text, (size_t)(p - text), rest, next);
	}
	free(text);
	return hit;
}

static void pull(const struct sk_slot *s)
{
	char path[PATH_MAX];

	if (sk_path(path, s->dir, "present"))
		unlink(path);
}

static long milliseconds(const struct sk_fault *f)
{
	unsigned long ms;

	if (!sk_number(f->arg, &ms) || ms > 600000)
		return 0;
	return (long)ms;
}

int sk_fault_common(const struct sk_slot *s, const struct sk_fault *f, CK_RV *rv)
{
	unsigned long code;
	size_t i;

	*rv = CKR_OK;
	if (strcmp(f->name, "abort") == 0)
		abort();
	if (strcmp(f->name, "sleep") == 0) {
		sk_sleep(milliseconds(f));
		return 1;
	}
	if (strcmp(f->name, "remove-during") == 0) {
		pull(s);
		*rv = CKR_DEVICE_REMOVED;
		return 1;
	}
	if (strcmp(f->name, "remove-before") == 0 || strcmp(f->name, "remove-after") == 0) {
		pull(s);
		return 1;
	}
	if (strcmp(f->name, "rv") == 0 && sk_number(f->arg, &code)) {
		*rv = code;
		return 1;
	}
	for (i = 0; i < sizeof codes / sizeof codes[0]; i++) {
		if (strcmp(f->name, codes[i].name) == 0) {
			*rv = codes[i].rv;
			return 1;
		}
	}
	return 0;
}

CK_RV sk_fault_at(const struct sk_slot *s, const char *point)
{
	struct sk_fault f;
	CK_RV rv = CKR_OK;

	if (sk_fault_take(s, point, &f) && !sk_fault_common(s, &f, &rv))
		sk_say("fault \"%s\" has no meaning at %s; ignored", f.name, point);
	return rv;
}
