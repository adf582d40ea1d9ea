/* Attributes: names in the store, kinds, defaults, and the forms of the public point. */
#include "softkey.h"

#include <stdlib.h>
#include <string.h>

#define CKA_SM2_X 0x00010002UL /* MK-1 */
#define CKA_SM2_Y 0x00010003UL

static const struct {
	const char *name;
	CK_ATTRIBUTE_TYPE type;
	enum sk_kind kind;
} names[] = {
	{ "class", CKA_CLASS, KIND_ULONG },
	{ "token", CKA_TOKEN, KIND_BOOL },
	{ "private", CKA_PRIVATE, KIND_BOOL },
	{ "label", CKA_LABEL, KIND_BYTES },
	{ "application", CKA_APPLICATION, KIND_BYTES },
	{ "value", CKA_VALUE, KIND_BYTES },
	{ "object-id", CKA_OBJECT_ID, KIND_BYTES },
	{ "certificate-type", CKA_CERTIFICATE_TYPE, KIND_ULONG },
	{ "issuer", CKA_ISSUER, KIND_BYTES },
	{ "serial-number", CKA_SERIAL_NUMBER, KIND_BYTES },
	{ "trusted", CKA_TRUSTED, KIND_BOOL },
	{ "certificate-category", CKA_CERTIFICATE_CATEGORY, KIND_ULONG },
	{ "key-type", CKA_KEY_TYPE, KIND_ULONG },
	{ "subject", CKA_SUBJECT, KIND_BYTES },
	{ "id", CKA_ID, KIND_BYTES },
	{ "sensitive", CKA_SENSITIVE, KIND_BOOL },
	{ "encrypt", CKA_ENCRYPT, KIND_BOOL },
	{ "decrypt", CKA_DECRYPT, KIND_BOOL },
	{ "wrap", CKA_WRAP, KIND_BOOL },
	{ "unwrap", CKA_UNWRAP, KIND_BOOL },
	{ "sign", CKA_SIGN, KIND_BOOL },
	{ "sign-recover", CKA_SIGN_RECOVER, KIND_BOOL },
	{ "verify", CKA_VERIFY, KIND_BOOL },
	{ "verify-recover", CKA_VERIFY_RECOVER, KIND_BOOL },
	{ "derive", CKA_DERIVE, KIND_BOOL },
	{ "start-date", CKA_START_DATE, KIND_BYTES },
	{ "end-date", CKA_END_DATE, KIND_BYTES },
	{ "extractable", CKA_EXTRACTABLE, KIND_BOOL },
	{ "local", CKA_LOCAL, KIND_BOOL },
	{ "never-extractable", CKA_NEVER_EXTRACTABLE, KIND_BOOL },
	{ "always-sensitive", CKA_ALWAYS_SENSITIVE, KIND_BOOL },
	{ "key-gen-mechanism", CKA_KEY_GEN_MECHANISM, KIND_ULONG },
	{ "modifiable", CKA_MODIFIABLE, KIND_BOOL },
	{ "copyable", CKA_COPYABLE, KIND_BOOL },
	{ "destroyable", CKA_DESTROYABLE, KIND_BOOL },
	{ "ec-params", CKA_EC_PARAMS, KIND_BYTES },
	{ "ec-point", CKA_EC_POINT, KIND_BYTES },
	{ "always-authenticate", CKA_ALWAYS_AUTHENTICATE, KIND_BOOL },
};
#define NAMES (sizeof names / sizeof names[0])

int sk_attr_by_name(const char *name, CK_ATTRIBUTE_TYPE *type)
{
	unsigned long n;
	size_t i;

	for (i = 0; i < NAMES; i++) {
		if (strcmp(names[i].name, name) == 0) {
			*type = names[i].type;
			return 1;
		}
	}
	if (!sk_number(name, &n))
		return 0;
	*type = n;
	return 1;
}

const char *sk_attr_name(CK_ATTRIBUTE_TYPE type)
{
	size_t i;

	for (i = 0; i < NAMES; i++)
		if (names[i].type == type)
			return names[i].name;
	return NULL;
}

enum sk_kind sk_attr_kind(CK_ATTRIBUTE_TYPE type)
{
	size_t i;

	for (i = 0; i < NAMES; i++)
		if (names[i].type == type)
			return names[i].kind;
	return KIND_BYTES;
}

struct sk_attr *sk_attr_get(const struct sk_object *o, CK_ATTRIBUTE_TYPE type)
{
	size_t i;

	for (i = 0; i < o->nattr; i++)
		if (o->attr[i].type == type)
			return &o->attr[i];
	return NULL;
}

CK_RV sk_attr_put(struct sk_object *o, CK_ATTRIBUTE_TYPE type, const void *val, size_t n)
{
	struct sk_attr *a = sk_attr_get(o, type);
	unsigned char *copy = malloc(n ? n : 1);

	if (!copy)
		return CKR_HOST_MEMORY;
	if (n)
		memcpy(copy, val, n);
	if (!a) {
		struct sk_attr *more = realloc(o->attr, (o->nattr + 1) * sizeof *more);

		if (!more) {
			free(copy);
			return CKR_HOST_MEMORY;
		}
		o->attr = more;
		a = &o->attr[o->nattr++];
		a->type = type;
		a->val = NULL;
	}
	free(a->val);
	a->val = copy;
	a->n = n;
	return CKR_OK;
}

/* What an object has without saying so. Bit c of classes: CKO_ c. */
#define ALL 0xf
#define KEYS (1 << CKO_PUBLIC_KEY | 1 << CKO_PRIVATE_KEY)
static const CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
static const struct {
	unsigned classes;
	CK_ATTRIBUTE_TYPE type;
	const CK_BBOOL *val;
} flags[] = {
	{ ALL, CKA_TOKEN, &yes },
	{ 1 << CKO_PRIVATE_KEY, CKA_PRIVATE, &yes },
	{ ALL, CKA_PRIVATE, &no },
	{ ALL, CKA_MODIFIABLE, &yes },
	{ ALL, CKA_DESTROYABLE, &yes },
	{ ALL, CKA_COPYABLE, &no },
	{ 1 << CKO_CERTIFICATE, CKA_TRUSTED, &no },
	{ KEYS, CKA_LOCAL, &no },
	{ KEYS, CKA_DERIVE, &no },
	{ 1 << CKO_PUBLIC_KEY, CKA_VERIFY, &yes },
	{ 1 << CKO_PUBLIC_KEY, CKA_VERIFY_RECOVER, &no },
	{ 1 << CKO_PUBLIC_KEY, CKA_ENCRYPT, &no },
	{ 1 << CKO_PUBLIC_KEY, CKA_WRAP, &no },
	{ 1 << CKO_PRIVATE_KEY, CKA_SIGN, &yes },
	{ 1 << CKO_PRIVATE_KEY, CKA_SIGN_RECOVER, &no },
	{ 1 << CKO_PRIVATE_KEY, CKA_DECRYPT, &no },
	{ 1 << CKO_PRIVATE_KEY, CKA_UNWRAP, &no },
	{ 1 << CKO_PRIVATE_KEY, CKA_SENSITIVE, &yes },
	{ 1 << CKO_PRIVATE_KEY, CKA_ALWAYS_SENSITIVE, &yes },
	{ 1 << CKO_PRIVATE_KEY, CKA_EXTRACTABLE, &no },
	{ 1 << CKO_PRIVATE_KEY, CKA_NEVER_EXTRACTABLE, &yes },
	{ 1 << CKO_PRIVATE_KEY, CKA_ALWAYS_AUTHENTICATE, &no },
};

static CK_RV give(const void **val, size_t *n, const void *p, size_t len)
{
	*val = p;
	*n = len;
	return CKR_OK;
}

static CK_RV read_default(const struct sk_object *o, CK_ATTRIBUTE_TYPE type, const void **val, size_t *n)
{
	static const CK_ULONG zero = 0, none = CK_UNAVAILABLE_INFORMATION;
	size_t i;

	for (i = 0; i < sizeof flags / sizeof flags[0]; i++)
		if (flags[i].type == type && (flags[i].classes >> o->cls & 1))
			return give(val, n, flags[i].val, sizeof(CK_BBOOL));
	if (type == CKA_LABEL)
		return give(val, n, "", 0);
	if (type == CKA_APPLICATION && o->cls == CKO_DATA)
		return give(val, n, "", 0);
	if (o->cls == CKO_CERTIFICATE && (type == CKA_CERTIFICATE_TYPE || type == CKA_CERTIFICATE_CATEGORY))
		return give(val, n, &zero, sizeof zero);
	if (type == CKA_KEY_GEN_MECHANISM && (1 << o->cls & KEYS))
		return give(val, n, &none, sizeof none);
	return CKR_ATTRIBUTE_TYPE_INVALID;
}

/* The public point, in the form of the profile. */
static CK_RV read_point(const struct sk_token *t, const struct sk_object *o, CK_ATTRIBUTE_TYPE type,
			const void **val, size_t *n)
{
	if (!o->has_point || (o->cls == CKO_PRIVATE_KEY && !t->point_on_private))
		return CKR_ATTRIBUTE_TYPE_INVALID;
	switch (t->point) {
	case POINT_DER:
		return type == CKA_EC_POINT ? give(val, n, o->shape, 67) : CKR_ATTRIBUTE_TYPE_INVALID;
	case POINT_RAW:
		return type == CKA_EC_POINT ? give(val, n, o->shape + 2, 65) : CKR_ATTRIBUTE_TYPE_INVALID;
	case POINT_VALUE_XY:
		return type == CKA_VALUE ? give(val, n, o->shape + 3, 64) : CKR_ATTRIBUTE_TYPE_INVALID;
	case POINT_SM2_XY:
		if (type == CKA_SM2_X)
			return give(val, n, o->shape + 3, 32);
		return type == CKA_SM2_Y ? give(val, n, o->shape + 35, 32) : CKR_ATTRIBUTE_TYPE_INVALID;
	case POINT_NONE:
		break;
	}
	return CKR_ATTRIBUTE_TYPE_INVALID;
}

static CK_RV read_key(const struct sk_slot *s, const struct sk_object *o, CK_ATTRIBUTE_TYPE type,
		      const void **val, size_t *n, int *known)
{
	static const unsigned char sm2[] = { 0x06, 0x08, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x82, 0x2d };
	static const unsigned char generic[] = { 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01 };

	*known = 1;
	switch (type) {
	case CKA_KEY_TYPE:
		return give(val, n, &s->token.key_type, sizeof s->token.key_type);
	case CKA_EC_PARAMS:
		if (s->token.generic_params)
			return give(val, n, generic, sizeof generic);
		return give(val, n, sm2, sizeof sm2);
	case CKA_VALUE:
		if (o->cls == CKO_PRIVATE_KEY)
			return CKR_ATTRIBUTE_SENSITIVE;
		/* fall through */
	case CKA_EC_POINT:
	case CKA_SM2_X:
	case CKA_SM2_Y:
		return read_point(&s->token, o, type, val, n);
	default:
		*known = 0;
		return CKR_OK;
	}
}

CK_RV sk_attr_read(const struct sk_slot *s, const struct sk_object *o, CK_ATTRIBUTE_TYPE type,
		   const void **val, size_t *n)
{
	const struct sk_attr *a;
	CK_RV rv;
	int known;

	if (type == CKA_CLASS)
		return give(val, n, &o->cls, sizeof o->cls);
	if (o->cls == CKO_PUBLIC_KEY || o->cls == CKO_PRIVATE_KEY) {
		rv = read_key(s, o, type, val, n, &known);
		if (known)
			return rv;
	} else if (type == CKA_VALUE) {
		return give(val, n, o->value, o->nvalue);
	}
	a = sk_attr_get(o, type);
	if (a)
		return give(val, n, a->val, a->n);
	return read_default(o, type, val, n);
}

int sk_attr_bool(const struct sk_slot *s, const struct sk_object *o, CK_ATTRIBUTE_TYPE type)
{
	const void *val;
	size_t n;

	return sk_attr_read(s, o, type, &val, &n) == CKR_OK && n == 1 && *(const CK_BBOOL *)val;
}
