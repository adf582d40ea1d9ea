/* Objects, read from the store: obj/NN.attr with "name = hex" lines, obj/NN.bin with CKA_VALUE. */
#define _GNU_SOURCE
#include "softkey.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

static CK_OBJECT_HANDLE next_handle = 1; /* never given out twice in a process */

struct sk_object *sk_object_new(CK_OBJECT_CLASS cls)
{
	struct sk_object *o = calloc(1, sizeof *o);

	if (o) {
		o->cls = cls;
		o->number = -1;
	}
	return o;
}

void sk_object_free(struct sk_object *o)
{
	size_t i;

	if (!o)
		return;
	for (i = 0; i < o->nattr; i++)
		free(o->attr[i].val);
	free(o->attr);
	free(o->value);
	EVP_PKEY_free(o->key);
	OPENSSL_cleanse(o, sizeof *o);
	free(o);
}

void sk_objects_drop(struct sk_slot *s, CK_SESSION_HANDLE owner)
{
	size_t i, kept = 0;

	for (i = 0; i < s->nobj; i++) {
		if (owner == 0 || s->obj[i]->owner == owner)
			sk_object_free(s->obj[i]);
		else
			s->obj[kept++] = s->obj[i];
	}
	s->nobj = kept;
	if (kept == 0) {
		free(s->obj);
		s->obj = NULL;
	}
}

CK_RV sk_object_list(struct sk_slot *s, struct sk_object *o)
{
	struct sk_object **more;

	if (s->nobj >= SK_MAX_OBJECTS)
		return CKR_DEVICE_MEMORY;
	more = realloc(s->obj, (s->nobj + 1) * sizeof *more);
	if (!more)
		return CKR_HOST_MEMORY;
	s->obj = more;
	s->obj[s->nobj++] = o;
	if (o->h == 0)
		o->h = next_handle++;
	return CKR_OK;
}

int sk_object_path(char *out, const struct sk_slot *s, int number, const char *ext)
{
	char name[32];

	snprintf(name, sizeof name, "obj/%02d.%s", number, ext);
	return sk_path(out, s->dir, name);
}

/* Numbers are written big-endian without a fixed width, flags as 00 or 01. */
static int decode(CK_ATTRIBUTE_TYPE type, unsigned char *raw, size_t *n)
{
	CK_ULONG u = 0;
	size_t i;

	switch (sk_attr_kind(type)) {
	case KIND_BOOL:
		return *n == 1 && raw[0] <= 1;
	case KIND_ULONG:
		if (*n == 0 || *n > sizeof u)
			return 0;
		for (i = 0; i < *n; i++)
			u = u << 8 | raw[i];
		memcpy(raw, &u, sizeof u);
		*n = sizeof u;
		return 1;
	case KIND_BYTES:
		break;
	}
	return 1;
}

static int parse_attrs(struct sk_object *o, char *text)
{
	unsigned char *raw = malloc(SK_MAX_ATTR + sizeof(CK_ULONG));
	CK_ATTRIBUTE_TYPE type;
	char *k, *v;
	size_t n;
	int r, ok = raw != NULL, cls = 0;

	while (ok && (r = sk_line(&text, &k, &v)) != 0) {
		ok = r == 1 && sk_attr_by_name(k, &type) && sk_unhex(v, raw, SK_MAX_ATTR, &n) &&
		     decode(type, raw, &n) && o->nattr < SK_MAX_TEMPLATE;
		if (!ok)
			break;
		if (type == CKA_CLASS) {
			memcpy(&o->cls, raw, sizeof o->cls);
			cls = 1;
		} else {
			ok = sk_attr_put(o, type, raw, n) == CKR_OK;
		}
	}
	free(raw);
	return ok && cls && o->cls <= CKO_PRIVATE_KEY;
}

static void set_shape(struct sk_object *o, const unsigned char point[65])
{
	o->shape[0] = 0x04;
	o->shape[1] = 0x41;
	memcpy(o->shape + 2, point, 65);
	o->has_point = 1;
}

static int load_value(const struct sk_slot *s, struct sk_object *o)
{
	char path[PATH_MAX];
	unsigned char point[65], *p;
	size_t n;
	int ok = 1;

	if (!sk_object_path(path, s, o->number, "bin"))
		return 0;
	p = sk_read(path, SK_MAX_VALUE, &n);
	if (!p)
		return o->cls == CKO_PUBLIC_KEY && errno == ENOENT;
	if (o->cls == CKO_PRIVATE_KEY) {
		ok = sk_sm2_parse_private(p, n, o->d) && sk_sm2_public(o->d, point);
		if (ok)
			set_shape(o, point);
		OPENSSL_cleanse(p, n);
		free(p);
	} else {
		o->value = p;
		o->nvalue = n;
	}
	return ok;
}

static struct sk_object *load(const struct sk_slot *s, int number)
{
	char path[PATH_MAX];
	struct sk_object *o = sk_object_new(CKO_DATA);
	unsigned char *text = NULL;
	size_t n;
	int ok = 0;

	if (o && sk_object_path(path, s, number, "attr"))
		text = sk_read(path, SK_MAX_INI, &n);
	if (text) {
		o->number = number;
		ok = parse_attrs(o, (char *)text) && load_value(s, o);
		free(text);
	}
	if (ok)
		return o;
	sk_say("slot%lu/obj/%02d is damaged; object ignored", s->id, number);
	sk_object_free(o);
	return NULL;
}

/* A public key without a stored point gets that of the private key with the same CKA_ID. */
static void pair_point(struct sk_slot *s, struct sk_object *pub)
{
	const struct sk_attr *id = sk_attr_get(pub, CKA_ID), *other, *stored = sk_attr_get(pub, CKA_EC_POINT);
	size_t i;

	if (stored && stored->n == 65 && sk_sm2_on_curve(stored->val)) {
		set_shape(pub, stored->val);
		return;
	}
	for (i = 0; i < s->nobj && id; i++) {
		const struct sk_object *o = s->obj[i];

		other = sk_attr_get(o, CKA_ID);
		if (o->cls == CKO_PRIVATE_KEY && o->has_point && other && other->n == id->n &&
		    memcmp(other->val, id->val, id->n) == 0) {
			set_shape(pub, o->shape + 2);
			return;
		}
	}
}

static int number_of(const char *name, const char *ext)
{
	char *end;
	long n;

	if (name[0] < '0' || name[0] > '9')
		return -1;
	n = strtol(name, &end, 10);
	if (n > SK_MAX_NUMBER || *end != '.' || (ext && strcmp(end + 1, ext) != 0))
		return -1;
	return (int)n;
}

static int compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* Numbers of the objects in the store, in order. */
size_t sk_object_numbers(const struct sk_slot *s, const char *ext, int out[SK_MAX_OBJECTS])
{
	char path[PATH_MAX];
	struct dirent *e;
	size_t n = 0;
	DIR *d;

	if (!sk_path(path, s->dir, "obj"))
		return 0;
	d = opendir(path);
	if (!d)
		return 0;
	while ((e = readdir(d)) != NULL && n < SK_MAX_OBJECTS) {
		int number = number_of(e->d_name, ext);

		if (number >= 0)
			out[n++] = number;
	}
	closedir(d);
	qsort(out, n, sizeof *out, compare);
	return n;
}

static CK_OBJECT_HANDLE old_handle(struct sk_object **old, size_t n, int number)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (old[i] && old[i]->number == number)
			return old[i]->h;
	return 0;
}

static void read_all(struct sk_slot *s)
{
	struct sk_object **old = s->obj, *o;
	int *numbers = malloc(SK_MAX_OBJECTS * sizeof *numbers);
	size_t nold = s->nobj, i, n;

	if (!numbers)
		return;
	s->obj = NULL;
	s->nobj = 0;
	n = sk_object_numbers(s, "attr", numbers);
	for (i = 0; i < n; i++) {
		if (i > 0 && numbers[i] == numbers[i - 1])
			continue; /* 7.attr beside 07.attr */
		o = load(s, numbers[i]);
		if (!o)
			continue;
		o->h = old_handle(old, nold, o->number);
		if (sk_object_list(s, o) != CKR_OK)
			sk_object_free(o);
	}
	free(numbers);
	for (i = 0; i < s->nobj; i++)
		if (s->obj[i]->cls == CKO_PUBLIC_KEY)
			pair_point(s, s->obj[i]);
	for (i = 0; i < nold; i++)
		if (old[i]->number >= 0 || sk_object_list(s, old[i]) != CKR_OK)
			sk_object_free(old[i]);
	free(old);
}

/* A directory changed twice within one tick of the clock looks unchanged. */
static int settled(const struct sk_slot *s)
{
	long ms = (s->obj_read.tv_sec - s->obj_stamp.mtime.tv_sec) * 1000 +
		  (s->obj_read.tv_nsec - s->obj_stamp.mtime.tv_nsec) / 1000000;

	return ms > 50;
}

void sk_objects_refresh(struct sk_slot *s)
{
	struct sk_stamp now;
	char path[PATH_MAX];

	memset(&now, 0, sizeof now);
	if (!sk_path(path, s->dir, "obj") || !sk_stamp(path, &now))
		memset(&now, 0, sizeof now);
	if (s->obj_valid && sk_same_stamp(&now, &s->obj_stamp) && settled(s))
		return;
	s->obj_stamp = now;
	clock_gettime(CLOCK_REALTIME, &s->obj_read);
	s->obj_valid = 1;
	read_all(s);
}

struct sk_object *sk_object_find(const struct sk_session *ss, CK_OBJECT_HANDLE h)
{
	size_t i;

	sk_objects_refresh(ss->slot);
	for (i = 0; i < ss->slot->nobj; i++)
		if (ss->slot->obj[i]->h == h && sk_object_visible(ss, ss->slot->obj[i]))
			return ss->slot->obj[i];
	return NULL;
}

int sk_object_visible(const struct sk_session *ss, const struct sk_object *o)
{
	return !sk_attr_bool(ss->slot, o, CKA_PRIVATE) || ss->slot->user == (int)CKU_USER;
}
