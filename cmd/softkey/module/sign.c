/* C_Sign and its faults. */
#include "softkey.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#define USER_ID "1234567812345678"

static CK_RV check_parameter(const struct sk_mech *m, const CK_MECHANISM *given)
{
	if (!m->param)
		return given->ulParameterLen == 0 ? CKR_OK : CKR_MECHANISM_PARAM_INVALID;
	if (!given->pParameter || given->ulParameterLen != 16 || memcmp(given->pParameter, USER_ID, 16) != 0)
		return CKR_MECHANISM_PARAM_INVALID;
	return CKR_OK;
}

static CK_RV sign_init(struct sk_session *ss, const CK_MECHANISM *given, CK_OBJECT_HANDLE key)
{
	const struct sk_slot *s = ss->slot;
	const struct sk_mech *m;
	struct sk_object *o;
	CK_RV rv;

	if (!given)
		return CKR_ARGUMENTS_BAD;
	if (ss->sign.active)
		return CKR_OPERATION_ACTIVE;
	m = sk_mech_find(&s->token, given->mechanism);
	if (!m)
		return CKR_MECHANISM_INVALID;
	rv = check_parameter(m, given);
	if (rv != CKR_OK)
		return rv;
	o = sk_object_find(ss, key);
	if (!o)
		return s->user == (int)CKU_USER ? CKR_KEY_HANDLE_INVALID : CKR_USER_NOT_LOGGED_IN;
	if (o->cls != CKO_PRIVATE_KEY)
		return CKR_KEY_TYPE_INCONSISTENT;
	if (!sk_attr_bool(s, o, CKA_SIGN))
		return CKR_KEY_FUNCTION_NOT_PERMITTED;
	memset(&ss->sign, 0, sizeof ss->sign);
	ss->sign.active = 1;
	ss->sign.mech = *m;
	ss->sign.key = key;
	return CKR_OK;
}

CK_RV C_SignInit(CK_SESSION_HANDLE h, CK_MECHANISM *m, CK_OBJECT_HANDLE key)
{
	struct sk_session *ss;
	CK_RV rv = sk_enter();

	if (rv != CKR_OK)
		return sk_leave(rv);
	rv = sk_session(h, &ss);
	if (rv == CKR_OK)
		rv = sk_fault_at(ss->slot, "sign-init");
	if (rv == CKR_OK && sk_slot_gone(ss->slot))
		rv = CKR_DEVICE_REMOVED;
	if (rv == CKR_OK)
		rv = sign_init(ss, m, key);
	return sk_leave(rv);
}

static int raw_sign(struct sk_object *o, const struct sk_mech *m, const unsigned char *data, size_t n,
		    unsigned char rs[64])
{
	if (m->in == IN_ECDSA)
		return sk_ecdsa_sign(o->d, data, n, rs);
	if (!o->key)
		o->key = sk_sm2_key(o->d, o->shape + 2);
	return o->key && sk_sm2_sign(o->key, m->in, data, n, rs);
}

/* Faults "wrong-signature" and "other-key": right in form, wrong in value. */
static int foreign_sign(struct sk_object *o, const struct sk_mech *m, const unsigned char *data, size_t n,
			int other_key, unsigned char rs[64])
{
	unsigned char d[SK_SM2_BYTES], point[65], e[32];
	EVP_PKEY *key;
	int ok;

	if (!other_key)
		return sk_random(e, sizeof e) && raw_sign(o, &(struct sk_mech){ .in = IN_E }, e, sizeof e, rs);
	if (!sk_sm2_new_d(d) || !sk_sm2_public(d, point))
		return 0;
	key = sk_sm2_key(d, point);
	ok = key && sk_sm2_sign(key, m->in == IN_ECDSA ? IN_E : m->in, data, n, rs);
	EVP_PKEY_free(key);
	OPENSSL_cleanse(d, sizeof d);
	return ok;
}

static int make(struct sk_object *o, const struct sk_mech *m, const struct sk_fault *f,
		const unsigned char *data, size_t n, unsigned char rs[64])
{
	int i, other = strcmp(f->name, "other-key") == 0;

	if (other || strcmp(f->name, "wrong-signature") == 0)
		return foreign_sign(o, m, data, n, other, rs);
	/* Broken DER shows only when r has its top bit set: half of all signatures. */
	for (i = 0; i < 64; i++) {
		if (!raw_sign(o, m, data, n, rs))
			return 0;
		if (m->out != OUT_DER_NEGATIVE || (rs[0] & 0x80))
			break;
	}
	return 1;
}

/* Faults in the form. Returns the length of the answer. */
static size_t spoil(const struct sk_fault *f, unsigned char sig[SK_DER_MAX], size_t n)
{
	unsigned long want;

	if (strcmp(f->name, "zero") == 0)
		memset(sig, 0, n);
	if (strcmp(f->name, "wrong-length") != 0)
		return n;
	if (!sk_number(f->arg, &want))
		want = n - 1;
	return want <= SK_DER_MAX ? want : SK_DER_MAX;
}

static int known_fault(const struct sk_fault *f)
{
	static const char *const names[] = { "", "wrong-signature", "other-key", "zero", "wrong-length" };
	size_t i;

	for (i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(f->name, names[i]) == 0)
			return 1;
	return 0;
}

static CK_RV data_range(const struct sk_mech *m, size_t n)
{
	if (m->in == IN_E && n != 32)
		return CKR_DATA_LEN_RANGE;
	if (m->in == IN_ECDSA && (n == 0 || n > 1024))
		return CKR_DATA_LEN_RANGE;
	return n <= SK_MAX_MESSAGE ? CKR_OK : CKR_DATA_LEN_RANGE;
}

static CK_RV sign_key(struct sk_session *ss, struct sk_object **o)
{
	*o = sk_object_find(ss, ss->sign.key);
	if (!*o)
		return ss->slot->user == (int)CKU_USER ? CKR_KEY_HANDLE_INVALID : CKR_USER_NOT_LOGGED_IN;
	if (sk_attr_bool(ss->slot, *o, CKA_ALWAYS_AUTHENTICATE) && !ss->sign.authed)
		return CKR_USER_NOT_LOGGED_IN;
	return CKR_OK;
}

/* The signature itself. *gone: the key was pulled before the operation began. */
static CK_RV sign(struct sk_session *ss, const unsigned char *data, size_t n, unsigned char *out,
		  CK_ULONG *nout, int *gone)
{
	unsigned char rs[64], sig[SK_DER_MAX] = { 0 };
	struct sk_fault f = { "", "" };
	struct sk_object *o;
	int fired, after;
	size_t len;
	CK_RV rv = sign_key(ss, &o), common = CKR_OK;

	if (rv == CKR_OK)
		rv = data_range(&ss->sign.mech, n);
	if (rv != CKR_OK)
		return rv;
	fired = sk_fault_take(ss->slot, "sign", &f);
	after = strcmp(f.name, "remove-after") == 0;
	*gone = strcmp(f.name, "remove-before") == 0;
	if (fired && !after) {
		if (sk_fault_common(ss->slot, &f, &common))
			f.name[0] = 0;
		if (common != CKR_OK || *gone)
			return common;
	}
	if (!after && !known_fault(&f)) {
		sk_say("fault \"%s\" has no meaning at sign; ignored", f.name);
		f.name[0] = 0;
	}
	if (!make(o, &ss->sign.mech, &f, data, n, rs))
		return CKR_FUNCTION_FAILED;
	len = spoil(&f, sig, sk_encode(ss->sign.mech.out, rs, sig));
	if (sk_slot_gone(ss->slot))
		return CKR_DEVICE_REMOVED;
	if (len > *nout)
		len = *nout;
	memcpy(out, sig, len);
	*nout = len;
	if (after)
		sk_fault_common(ss->slot, &f, &common);
	return CKR_OK;
}

/* Length query, buffer check, then the signature, which ends the operation whatever comes of it. */
static CK_RV finish(struct sk_session *ss, const unsigned char *data, size_t n, unsigned char *out, CK_ULONG *nout)
{
	CK_ULONG need = ss->sign.mech.out == OUT_RAW ? 64 : SK_DER_MAX;
	struct sk_slot *s = ss->slot;
	CK_RV rv = CKR_ARGUMENTS_BAD;
	int gone = 0;

	if (nout && (!out || *nout < need)) {
		rv = out ? CKR_BUFFER_TOO_SMALL : CKR_OK;
		*nout = need;
		if (s->token.consume_query)
			sk_sign_clear(&ss->sign);
		return rv;
	}
	if (nout && (data || n == 0))
		rv = sign(ss, data ? data : (const unsigned char *)"", n, out, nout, &gone);
	sk_sign_clear(&ss->sign);
	if (gone) {
		sk_slot_refresh(s); /* ends ss */
		return CKR_SESSION_HANDLE_INVALID;
	}
	return rv;
}

CK_RV C_Sign(CK_SESSION_HANDLE h, unsigned char *data, CK_ULONG n, unsigned char *out, CK_ULONG *nout)
{
	struct sk_session *ss;
	CK_RV rv = sk_enter();

	if (rv != CKR_OK)
		return sk_leave(rv);
	rv = sk_session(h, &ss);
	if (rv == CKR_OK && !ss->sign.active)
		rv = CKR_OPERATION_NOT_INITIALIZED;
	if (rv == CKR_OK && ss->sign.multi)
		rv = CKR_OPERATION_ACTIVE;
	if (rv == CKR_OK)
		rv = finish(ss, data, n, out, nout);
	return sk_leave(rv);
}

static CK_RV update(struct sk_sign *o, const unsigned char *part, size_t n)
{
	unsigned char *more;

	if (!part && n > 0)
		return CKR_ARGUMENTS_BAD;
	if (n > SK_MAX_MESSAGE - o->n)
		return CKR_DATA_LEN_RANGE;
	o->multi = 1;
	if (n == 0)
		return CKR_OK;
	more = realloc(o->buf, o->n + n);
	if (!more)
		return CKR_HOST_MEMORY;
	memcpy(more + o->n, part, n);
	o->buf = more;
	o->n += n;
	return CKR_OK;
}

CK_RV C_SignUpdate(CK_SESSION_HANDLE h, unsigned char *part, CK_ULONG n)
{
	struct sk_session *ss;
	CK_RV rv = sk_enter();

	if (rv != CKR_OK)
		return sk_leave(rv);
	rv = sk_session(h, &ss);
	if (rv == CKR_OK && !ss->sign.active)
		rv = CKR_OPERATION_NOT_INITIALIZED;
	if (rv == CKR_OK) {
		rv = update(&ss->sign, part, n);
		if (rv != CKR_OK)
			sk_sign_clear(&ss->sign);
	}
	return sk_leave(rv);
}

CK_RV C_SignFinal(CK_SESSION_HANDLE h, unsigned char *out, CK_ULONG *nout)
{
	struct sk_session *ss;
	CK_RV rv = sk_enter();

	if (rv != CKR_OK)
		return sk_leave(rv);
	rv = sk_session(h, &ss);
	if (rv == CKR_OK && !ss->sign.active)
		rv = CKR_OPERATION_NOT_INITIALIZED;
	if (rv == CKR_OK)
		rv = finish(ss, ss->sign.buf, ss->sign.n, out, nout);
	return sk_leave(rv);
}
