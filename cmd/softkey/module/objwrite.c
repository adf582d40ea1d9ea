/* Objects, written to the store: the .bin file first, the .attr file makes the object exist. */
#include "softkey.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>

static size_t encode(const struct sk_attr *a, char *out)
{
	unsigned char be[sizeof(CK_ULONG)];
	CK_ULONG u;
	size_t i;

	if (sk_attr_kind(a->type) != KIND_ULONG || a->n != sizeof u)
		return (size_t)sk_hex(out, a->val, a->n);
	memcpy(&u, a->val, sizeof u);
	for (i = sizeof u; i-- > 0; u >>= 8)
		be[i] = (unsigned char)u;
	return (size_t)sk_hex(out, be, sizeof be);
}

static char *serialize(const struct sk_object *o, size_t *used)
{
	size_t need = 64, i;
	const char *name;
	char *text;

	for (i = 0; i < o->nattr; i++)
		need += 2 * o->attr[i].n + 64;
	text = need <= SK_MAX_INI ? malloc(need) : NULL;
	if (!text)
		return NULL;
	*used = (size_t)sprintf(text, "class = %02lx\n", o->cls);
	for (i = 0; i < o->nattr; i++) {
		name = sk_attr_name(o->attr[i].type);
		if (name)
			*used += (size_t)sprintf(text + *used, "%s = ", name);
		else
			*used += (size_t)sprintf(text + *used, "0x%lx = ", o->attr[i].type);
		*used += encode(&o->attr[i], text + *used);
		text[(*used)++] = '\n';
	}
	return text;
}

CK_RV sk_object_save(const struct sk_slot *s, const struct sk_object *o)
{
	char path[PATH_MAX], hex[2 * SK_SM2_BYTES + 1];
	const void *value = o->value;
	size_t n = o->nvalue, used;
	char *text;
	int ok = 1;

	if (o->number < 0)
		return CKR_OK;
	text = serialize(o, &used);
	if (!text)
		return CKR_DEVICE_MEMORY;
	if (o->cls == CKO_PRIVATE_KEY) {
		n = (size_t)sk_hex(hex, o->d, sizeof o->d);
		value = hex;
	}
	if (o->cls != CKO_PUBLIC_KEY)
		ok = sk_object_path(path, s, o->number, "bin") && sk_write(path, value ? value : "", n, 0600);
	ok = ok && sk_object_path(path, s, o->number, "attr") && sk_write(path, text, used, 0600);
	OPENSSL_cleanse(hex, sizeof hex);
	free(text);
	return ok ? CKR_OK : CKR_DEVICE_ERROR;
}

static int next_number(const struct sk_slot *s)
{
	int *numbers = malloc(SK_MAX_OBJECTS * sizeof *numbers);
	size_t n;
	int next;

	if (!numbers)
		return -1;
	n = sk_object_numbers(s, NULL, numbers);
	next = n ? numbers[n - 1] + 1 : 1;
	free(numbers);
	return n < SK_MAX_OBJECTS && next <= SK_MAX_NUMBER ? next : -1;
}

/* Takes o over only when it answers CKR_OK. */
CK_RV sk_object_add(struct sk_slot *s, struct sk_object *o)
{
	CK_RV rv;

	if (o->owner == 0) {
		o->number = next_number(s);
		if (o->number < 0)
			return CKR_DEVICE_MEMORY;
		rv = sk_object_save(s, o);
		if (rv != CKR_OK)
			return rv;
	}
	return sk_object_list(s, o);
}

static void unlink_files(const struct sk_slot *s, int number)
{
	char path[PATH_MAX];

	if (sk_object_path(path, s, number, "attr"))
		unlink(path);
	if (sk_object_path(path, s, number, "bin"))
		unlink(path);
}

CK_RV sk_object_remove(struct sk_slot *s, struct sk_object *o)
{
	char path[PATH_MAX];
	size_t i;

	if (o->number >= 0) {
		if (!sk_object_path(path, s, o->number, "attr") || unlink(path) != 0)
			return CKR_DEVICE_ERROR;
		unlink_files(s, o->number);
	}
	for (i = 0; i < s->nobj && s->obj[i] != o; i++)
		continue;
	if (i < s->nobj) {
		memmove(s->obj + i, s->obj + i + 1, (s->nobj - i - 1) * sizeof *s->obj);
		s->nobj--;
	}
	sk_object_free(o);
	return CKR_OK;
}

CK_RV sk_objects_erase(struct sk_slot *s)
{
	int *numbers = malloc(SK_MAX_OBJECTS * sizeof *numbers);
	size_t i, n;

	if (!numbers)
		return CKR_HOST_MEMORY;
	n = sk_object_numbers(s, NULL, numbers);
	for (i = 0; i < n; i++)
		unlink_files(s, numbers[i]);
	free(numbers);
	sk_objects_drop(s, 0);
	s->obj_valid = 0;
	return CKR_OK;
}
