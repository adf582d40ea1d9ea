/* Reading objects: C_FindObjects and C_GetAttributeValue. */
#include "softkey.h"

#include <stdlib.h>
#include <string.h>

static int matches(const struct sk_slot *s, const struct sk_object *o, const CK_ATTRIBUTE *t, CK_ULONG count)
{
	const void *val;
	CK_ULONG i;
	size_t n;

	for (i = 0; i < count; i++) {
		if (sk_attr_read(s, o, t[i].type, &val, &n) != CKR_OK || n != t[i].ulValueLen)
			return 0;
		if (n > 0 && memcmp(val, t[i].pValue, n) != 0)
			return 0;
	}
	return 1;
}

static CK_RV find(struct sk_session *ss, const CK_ATTRIBUTE *t, CK_ULONG count)
{
	struct sk_slot *s = ss->slot;
	size_t i;

	sk_objects_refresh(s);
	free(ss->found);
	ss->nfound = ss->next = 0;
	ss->found = malloc((s->nobj + 1) * sizeof *ss->found);
	if (!ss->found)
		return CKR_HOST_MEMORY;
	for (i = 0; i < s->nobj; i++)
		if (sk_object_visible(ss, s->obj[i]) && matches(s, s->obj[i], t, count))
			ss->found[ss->nfound++] = s->obj[i]->h;
	ss->finding = 1;
	return CKR_OK;
}

CK_RV C_FindObjectsInit(CK_SESSION_HANDLE h, CK_ATTRIBUTE *t, CK_ULONG count)
{
	struct sk_session *ss;
	CK_RV rv = sk_enter();

	if (rv != CKR_OK)
		return sk_leave(rv);
	rv = sk_session(h, &ss);
	if (rv == CKR_OK && ss->finding)
		rv = CKR_OPERATION_ACTIVE;
	if (rv == CKR_OK)
		rv = sk_template_check(t, count);
	if (rv == CKR_OK)
		rv = sk_fault_at(ss->slot, "find");
	if (rv == CKR_OK && sk_slot_gone(ss->slot))
		rv = CKR_DEVICE_REMOVED;
	if (rv == CKR_OK)
		rv = find(ss, t, count);
	return sk_leave(rv);
}

CK_RV C_FindObjects(CK_SESSION_HANDLE h, CK_OBJECT_HANDLE *out, CK_ULONG max, CK_ULONG *count)
{
	struct sk_session *ss;
	CK_RV rv = sk_enter();

	if (rv != CKR_OK)
		return sk_leave(rv);
	rv = sk_session(h, &ss);
	if (rv == CKR_OK && !ss->finding)
		rv = CKR_OPERATION_NOT_INITIALIZED;
	if (rv == CKR_OK && (!count || (!out && max > 0)))
		rv = CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK)
		for (*count = 0; *count < max && ss->next < ss->nfound; (*count)++)
			out[*count] = ss->found[ss->next++];
	return sk_leave(rv);
}

CK_RV C_FindObjectsFinal(CK_SESSION_HANDLE h)
{
	struct sk_session *ss;
	CK_RV rv = sk_enter();

	if (rv != CKR_OK)
		return sk_leave(rv);
	rv = sk_session(h, &ss);
	if (rv == CKR_OK && !ss->finding)
		rv = CKR_OPERATION_NOT_INITIALIZED;
	if (rv == CKR_OK) {
		free(ss->found);
		ss->found = NULL;
		ss->nfound = ss->next = 0;
		ss->finding = 0;
	}
	return sk_leave(rv);
}

static CK_RV give(CK_ATTRIBUTE *a, const void *val, size_t n)
{
	if (!a->pValue) {
		a->ulValueLen = n;
		return CKR_OK;
	}
	if (a->ulValueLen < n) {
		a->ulValueLen = CK_UNAVAILABLE_INFORMATION;
		return CKR_BUFFER_TOO_SMALL;
	}
	if (n > 0)
		memcpy(a->pValue, val, n);
	a->ulValueLen = n;
	return CKR_OK;
}

/* Fault "cert-mismatch": the certificate is read with another key in it. */
static void other_point(unsigned char *der, size_t n)
{
	static const unsigned char head[] = { 0x03, 0x42, 0x00, 0x04 };
	unsigned char d[SK_SM2_BYTES], point[65];
	size_t i;

	if (!sk_sm2_new_d(d) || !sk_sm2_public(d, point))
		return;
	for (i = 0; i + 68 <= n; i++) {
		if (memcmp(der + i, head, sizeof head) == 0) {
			memcpy(der + i + 3, point, sizeof point);
			return;
		}
	}
}

static CK_RV read_one(const struct sk_slot *s, const struct sk_object *o, CK_ATTRIBUTE *a)
{
	const void *val;
	struct sk_fault f;
	CK_RV rv;
	size_t n;

	rv = sk_attr_read(s, o, a->type, &val, &n);
	if (rv != CKR_OK) {
		a->ulValueLen = CK_UNAVAILABLE_INFORMATION;
		return rv;
	}
	rv = give(a, val, n);
	if (rv != CKR_OK || !a->pValue || a->type != CKA_VALUE)
		return rv;
	if (o->cls == CKO_CERTIFICATE && sk_fault_take(s, "cert", &f))
		other_point(a->pValue, a->ulValueLen);
	return sk_fault_at(s, "read");
}

/* Every attribute is answered; the first trouble is the result (PKCS#11 2.40, 5.7.5). */
static CK_RV read_all(const struct sk_slot *s, const struct sk_object *o, CK_ATTRIBUTE *t, CK_ULONG count)
{
	CK_RV rv = CKR_OK, one;
	CK_ULONG i;

	for (i = 0; i < count; i++) {
		one = read_one(s, o, &t[i]);
		if (rv == CKR_OK)
			rv = one;
	}
	return rv;
}

CK_RV C_GetAttributeValue(CK_SESSION_HANDLE h, CK_OBJECT_HANDLE oh, CK_ATTRIBUTE *t, CK_ULONG count)
{
	struct sk_session *ss;
	struct sk_object *o;
	CK_RV rv = sk_enter();

	if (rv != CKR_OK)
		return sk_leave(rv);
	rv = sk_session(h, &ss);
	if (rv == CKR_OK && (!t || count == 0 || count > 1024))
		rv = CKR_ARGUMENTS_BAD;
	if (rv != CKR_OK)
		return sk_leave(rv);
	o = sk_object_find(ss, oh);
	return sk_leave(o ? read_all(ss->slot, o, t, count) : CKR_OBJECT_HANDLE_INVALID);
}

CK_RV C_GetObjectSize(CK_SESSION_HANDLE h, CK_OBJECT_HANDLE oh, CK_ULONG *size)
{
	struct sk_session *ss;
	struct sk_object *o;
	CK_RV rv = sk_enter();
	size_t i;

	if (rv != CKR_OK)
		return sk_leave(rv);
	rv = sk_session(h, &ss);
	if (rv == CKR_OK && !size)
		rv = CKR_ARGUMENTS_BAD;
	if (rv != CKR_OK)
		return sk_leave(rv);
	o = sk_object_find(ss, oh);
	if (!o)
		return sk_leave(CKR_OBJECT_HANDLE_INVALID);
	*size = o->nvalue;
	for (i = 0; i < o->nattr; i++)
		*size += o->attr[i].n;
	return sk_leave(CKR_OK);
}
