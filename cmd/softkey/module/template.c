/* Templates of C_CreateObject, C_SetAttributeValue and C_GenerateKeyPair. */
#include "softkey.h"

#include <stdlib.h>
#include <string.h>

CK_RV sk_template_check(const CK_ATTRIBUTE *t, CK_ULONG n)
{
	CK_ULONG i, j;

	if ((!t && n > 0) || n > SK_MAX_TEMPLATE)
		return CKR_ARGUMENTS_BAD;
	for (i = 0; i < n; i++) {
		if (t[i].ulValueLen > SK_MAX_VALUE || (!t[i].pValue && t[i].ulValueLen > 0))
			return CKR_ATTRIBUTE_VALUE_INVALID;
		if (sk_attr_kind(t[i].type) == KIND_BOOL && t[i].ulValueLen != sizeof(CK_BBOOL))
			return CKR_ATTRIBUTE_VALUE_INVALID;
		if (sk_attr_kind(t[i].type) == KIND_ULONG && t[i].ulValueLen != sizeof(CK_ULONG))
			return CKR_ATTRIBUTE_VALUE_INVALID;
		for (j = 0; j < i; j++)
			if (t[j].type == t[i].type)
				return CKR_TEMPLATE_INCONSISTENT;
	}
	return CKR_OK;
}

const CK_ATTRIBUTE *sk_template_find(const CK_ATTRIBUTE *t, CK_ULONG n, CK_ATTRIBUTE_TYPE type)
{
	CK_ULONG i;

	for (i = 0; i < n; i++)
		if (t[i].type == type)
			return &t[i];
	return NULL;
}

static CK_RV apply_private(struct sk_object *o, const CK_ATTRIBUTE *a)
{
	unsigned char point[65];

	if (a->ulValueLen != SK_SM2_BYTES || !sk_sm2_public(a->pValue, point))
		return CKR_ATTRIBUTE_VALUE_INVALID;
	memcpy(o->d, a->pValue, SK_SM2_BYTES);
	o->shape[0] = 0x04;
	o->shape[1] = 0x41;
	memcpy(o->shape + 2, point, 65);
	o->has_point = 1;
	return CKR_OK;
}

/* Accepts the point in any of the forms that a profile gives. */
static CK_RV apply_point(struct sk_object *o, const CK_ATTRIBUTE *a)
{
	const unsigned char *p = a->pValue;
	unsigned char shape[67] = { 0x04, 0x41, 0x04 };

	if (a->ulValueLen == 67 && p[0] == 0x04 && p[1] == 0x41)
		memcpy(shape + 2, p + 2, 65);
	else if (a->ulValueLen == 65)
		memcpy(shape + 2, p, 65);
	else if (a->ulValueLen == 64)
		memcpy(shape + 3, p, 64);
	else
		return CKR_ATTRIBUTE_VALUE_INVALID;
	if (!sk_sm2_on_curve(shape + 2))
		return CKR_ATTRIBUTE_VALUE_INVALID;
	memcpy(o->shape, shape, sizeof shape);
	o->has_point = 1;
	return sk_attr_put(o, CKA_EC_POINT, shape + 2, 65);
}

static CK_RV apply_value(struct sk_object *o, const CK_ATTRIBUTE *a)
{
	unsigned char *copy;

	if (o->cls == CKO_PRIVATE_KEY)
		return apply_private(o, a);
	if (o->cls == CKO_PUBLIC_KEY)
		return apply_point(o, a);
	copy = malloc(a->ulValueLen ? a->ulValueLen : 1);
	if (!copy)
		return CKR_HOST_MEMORY;
	if (a->ulValueLen)
		memcpy(copy, a->pValue, a->ulValueLen);
	free(o->value);
	o->value = copy;
	o->nvalue = a->ulValueLen;
	return CKR_OK;
}

static int same_ulong(const CK_ATTRIBUTE *a, CK_ULONG want)
{
	CK_ULONG u;

	memcpy(&u, a->pValue, sizeof u);
	return u == want;
}

static CK_RV apply_one(const struct sk_slot *s, struct sk_object *o, const CK_ATTRIBUTE *a)
{
	int key = o->cls == CKO_PUBLIC_KEY || o->cls == CKO_PRIVATE_KEY;

	switch (a->type) {
	case CKA_CLASS:
		return same_ulong(a, o->cls) ? CKR_OK : CKR_TEMPLATE_INCONSISTENT;
	case CKA_VALUE:
		return apply_value(o, a);
	case CKA_KEY_TYPE:
		if (!key)
			return CKR_ATTRIBUTE_TYPE_INVALID;
		return same_ulong(a, s->token.key_type) ? CKR_OK : CKR_ATTRIBUTE_VALUE_INVALID;
	case CKA_EC_PARAMS:
		return key ? CKR_OK : CKR_ATTRIBUTE_TYPE_INVALID; /* there is one curve only */
	case CKA_EC_POINT:
		if (!key)
			return CKR_ATTRIBUTE_TYPE_INVALID;
		return o->cls == CKO_PUBLIC_KEY ? apply_point(o, a) : CKR_OK;
	case CKA_LOCAL:
	case CKA_NEVER_EXTRACTABLE:
	case CKA_ALWAYS_SENSITIVE:
	case CKA_KEY_GEN_MECHANISM:
		return CKR_ATTRIBUTE_READ_ONLY;
	default:
		break;
	}
	if (a->ulValueLen > SK_MAX_ATTR)
		return CKR_ATTRIBUTE_VALUE_INVALID;
	return sk_attr_put(o, a->type, a->pValue, a->ulValueLen);
}

CK_RV sk_template_apply(const struct sk_slot *s, struct sk_object *o, const CK_ATTRIBUTE *t, CK_ULONG n)
{
	CK_RV rv = CKR_OK;
	CK_ULONG i;

	for (i = 0; i < n && rv == CKR_OK; i++)
		rv = apply_one(s, o, &t[i]);
	return rv;
}

/* Rules of PKCS#11 2.40, 4.4: token objects need a read-write session, private ones the user. */
CK_RV sk_may_write(const struct sk_session *ss, const struct sk_object *o)
{
	if (sk_attr_bool(ss->slot, o, CKA_PRIVATE) && ss->slot->user != (int)CKU_USER)
		return CKR_USER_NOT_LOGGED_IN;
	if (sk_attr_bool(ss->slot, o, CKA_TOKEN) && !ss->rw)
		return CKR_SESSION_READ_ONLY;
	return CKR_OK;
}

static CK_RV complete(const struct sk_object *o, const CK_ATTRIBUTE *t, CK_ULONG n)
{
	if (o->cls == CKO_CERTIFICATE || o->cls == CKO_PRIVATE_KEY)
		return sk_template_find(t, n, CKA_VALUE) ? CKR_OK : CKR_TEMPLATE_INCOMPLETE;
	if (o->cls == CKO_PUBLIC_KEY)
		return o->has_point ? CKR_OK : CKR_TEMPLATE_INCOMPLETE;
	return CKR_OK;
}

static CK_RV create(struct sk_session *ss, const CK_ATTRIBUTE *t, CK_ULONG n, CK_OBJECT_HANDLE *h)
{
	const CK_ATTRIBUTE *a = sk_template_find(t, n, CKA_CLASS);
	struct sk_object *o;
	CK_OBJECT_CLASS cls;
	CK_RV rv;

	if (!a)
		return CKR_TEMPLATE_INCOMPLETE;
	memcpy(&cls, a->pValue, sizeof cls);
	if (cls > CKO_PRIVATE_KEY)
		return CKR_ATTRIBUTE_VALUE_INVALID;
	o = sk_object_new(cls);
	if (!o)
		return CKR_HOST_MEMORY;
	/* Cryptoki's own default is a session object; the default table says token. */
	rv = sk_attr_put(o, CKA_TOKEN, "", 1);
	if (rv == CKR_OK)
		rv = sk_template_apply(ss->slot, o, t, n);
	if (rv == CKR_OK)
		rv = complete(o, t, n);
	if (rv == CKR_OK)
		rv = sk_may_write(ss, o);
	if (rv == CKR_OK) {
		o->owner = sk_attr_bool(ss->slot, o, CKA_TOKEN) ? 0 : ss->h;
		rv = sk_object_add(ss->slot, o);
	}
	if (rv == CKR_OK)
		*h = o->h;
	else
		sk_object_free(o);
	return rv;
}

CK_RV C_CreateObject(CK_SESSION_HANDLE h, CK_ATTRIBUTE *t, CK_ULONG n, CK_OBJECT_HANDLE *out)
{
	struct sk_session *ss;
	CK_RV rv = sk_enter();

	if (rv != CKR_OK)
		return sk_leave(rv);
	rv = sk_session(h, &ss);
	if (rv == CKR_OK)
		rv = out ? sk_template_check(t, n) : CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK) {
		sk_objects_refresh(ss->slot);
		rv = create(ss, t, n, out);
	}
	return sk_leave(rv);
}

CK_RV C_DestroyObject(CK_SESSION_HANDLE h, CK_OBJECT_HANDLE oh)
{
	struct sk_session *ss;
	struct sk_object *o;
	CK_RV rv = sk_enter();

	if (rv != CKR_OK)
		return sk_leave(rv);
	rv = sk_session(h, &ss);
	if (rv != CKR_OK)
		return sk_leave(rv);
	o = sk_object_find(ss, oh);
	rv = o ? sk_may_write(ss, o) : CKR_OBJECT_HANDLE_INVALID;
	if (rv == CKR_OK && !sk_attr_bool(ss->slot, o, CKA_DESTROYABLE))
		rv = CKR_ACTION_PROHIBITED;
	if (rv == CKR_OK)
		rv = sk_object_remove(ss->slot, o);
	return sk_leave(rv);
}

static int changeable(const struct sk_object *o, CK_ATTRIBUTE_TYPE type)
{
	switch (type) {
	case CKA_LABEL:
	case CKA_ID:
		return 1;
	case CKA_VALUE:
	case CKA_APPLICATION:
	case CKA_OBJECT_ID:
		return o->cls == CKO_DATA;
	case CKA_SUBJECT:
	case CKA_START_DATE:
	case CKA_END_DATE:
	case CKA_SIGN:
	case CKA_DECRYPT:
	case CKA_VERIFY:
	case CKA_ENCRYPT:
		return o->cls == CKO_PUBLIC_KEY || o->cls == CKO_PRIVATE_KEY;
	default:
		return sk_attr_name(type) == NULL; /* vendor attributes */
	}
}

static CK_RV set_attributes(struct sk_session *ss, struct sk_object *o, const CK_ATTRIBUTE *t, CK_ULONG n)
{
	CK_RV rv = sk_may_write(ss, o);
	CK_ULONG i;

	if (rv == CKR_OK && !sk_attr_bool(ss->slot, o, CKA_MODIFIABLE))
		return CKR_ACTION_PROHIBITED;
	for (i = 0; i < n && rv == CKR_OK; i++)
		if (!changeable(o, t[i].type))
			rv = CKR_ATTRIBUTE_READ_ONLY;
	if (rv == CKR_OK)
		rv = sk_template_apply(ss->slot, o, t, n);
	if (rv == CKR_OK)
		rv = sk_object_save(ss->slot, o);
	if (rv != CKR_OK)
		ss->slot->obj_valid = 0; /* what is on disk counts */
	return rv;
}

CK_RV C_SetAttributeValue(CK_SESSION_HANDLE h, CK_OBJECT_HANDLE oh, CK_ATTRIBUTE *t, CK_ULONG n)
{
	struct sk_session *ss;
	struct sk_object *o;
	CK_RV rv = sk_enter();

	if (rv != CKR_OK)
		return sk_leave(rv);
	rv = sk_session(h, &ss);
	if (rv == CKR_OK)
		rv = sk_template_check(t, n);
	if (rv != CKR_OK)
		return sk_leave(rv);
	o = sk_object_find(ss, oh);
	return sk_leave(o ? set_attributes(ss, o, t, n) : CKR_OBJECT_HANDLE_INVALID);
}
