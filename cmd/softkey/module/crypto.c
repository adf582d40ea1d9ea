/* SM3 digest, key pair generation, random numbers. */
#include "softkey.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

static void digest_clear(struct sk_session *ss)
{
	EVP_MD_CTX_free(ss->digest);
	ss->digest = NULL;
	ss->digest_multi = 0;
}

static CK_RV digest_init(struct sk_session *ss, const CK_MECHANISM *m)
{
	if (!m)
		return CKR_ARGUMENTS_BAD;
	if (ss->digest)
		return CKR_OPERATION_ACTIVE;
	if (ss->slot->token.digest == 0 || m->mechanism != ss->slot->token.digest)
		return CKR_MECHANISM_INVALID;
	if (m->ulParameterLen != 0)
		return CKR_MECHANISM_PARAM_INVALID;
	ss->digest = EVP_MD_CTX_new();
	if (ss->digest && EVP_DigestInit_ex(ss->digest, sk_sm3(), NULL))
		return CKR_OK;
	digest_clear(ss);
	return CKR_HOST_MEMORY;
}

/* Takes the lock and the session, which must have a digest running unless idle is set. */
static CK_RV digest_enter(CK_SESSION_HANDLE h, struct sk_session **ss, int idle)
{
	CK_RV rv = sk_enter();

	if (rv == CKR_OK)
		rv = sk_session(h, ss);
	if (rv == CKR_OK && !idle && !(*ss)->digest)
		rv = CKR_OPERATION_NOT_INITIALIZED;
	return rv;
}

CK_RV C_DigestInit(CK_SESSION_HANDLE h, CK_MECHANISM *m)
{
	struct sk_session *ss;
	CK_RV rv = digest_enter(h, &ss, 1);

	if (rv == CKR_OK)
		rv = digest_init(ss, m);
	return sk_leave(rv);
}

static CK_RV digest_update(struct sk_session *ss, const unsigned char *p, size_t n)
{
	if (!p && n > 0)
		return CKR_ARGUMENTS_BAD;
	return n == 0 || EVP_DigestUpdate(ss->digest, p, n) ? CKR_OK : CKR_FUNCTION_FAILED;
}

/* 1: answered without ending the operation. */
static int digest_length(unsigned char *out, CK_ULONG *n, CK_RV *rv)
{
	if (!n) {
		*rv = CKR_ARGUMENTS_BAD;
		return 0;
	}
	if (out && *n >= 32) {
		*rv = CKR_OK;
		return 0;
	}
	*n = 32;
	*rv = out ? CKR_BUFFER_TOO_SMALL : CKR_OK;
	return 1;
}

static CK_RV digest_final(struct sk_session *ss, unsigned char *out, CK_ULONG *n)
{
	*n = 32;
	return EVP_DigestFinal_ex(ss->digest, out, NULL) ? CKR_OK : CKR_FUNCTION_FAILED;
}

CK_RV C_Digest(CK_SESSION_HANDLE h, unsigned char *p, CK_ULONG n, unsigned char *out, CK_ULONG *nout)
{
	struct sk_session *ss;
	CK_RV rv = digest_enter(h, &ss, 0);

	if (rv == CKR_OK && ss->digest_multi)
		rv = CKR_OPERATION_ACTIVE;
	if (rv != CKR_OK || digest_length(out, nout, &rv))
		return sk_leave(rv);
	if (rv == CKR_OK)
		rv = digest_update(ss, p, n);
	if (rv == CKR_OK)
		rv = digest_final(ss, out, nout);
	digest_clear(ss);
	return sk_leave(rv);
}

CK_RV C_DigestUpdate(CK_SESSION_HANDLE h, unsigned char *p, CK_ULONG n)
{
	struct sk_session *ss;
	CK_RV rv = digest_enter(h, &ss, 0);

	if (rv != CKR_OK)
		return sk_leave(rv);
	rv = digest_update(ss, p, n);
	ss->digest_multi = 1;
	if (rv != CKR_OK)
		digest_clear(ss);
	return sk_leave(rv);
}

CK_RV C_DigestFinal(CK_SESSION_HANDLE h, unsigned char *out, CK_ULONG *nout)
{
	struct sk_session *ss;
	CK_RV rv = digest_enter(h, &ss, 0);

	if (rv != CKR_OK || digest_length(out, nout, &rv))
		return sk_leave(rv);
	if (rv == CKR_OK)
		rv = digest_final(ss, out, nout);
	digest_clear(ss);
	return sk_leave(rv);
}

/* One half of a new pair, not yet in the store. */
static CK_RV half(struct sk_session *ss, CK_OBJECT_CLASS cls, const CK_ATTRIBUTE *t, CK_ULONG n,
		  const CK_ATTRIBUTE *secret, struct sk_object **out)
{
	CK_MECHANISM_TYPE gen = ss->slot->token.key_gen;
	struct sk_object *o = *out = sk_object_new(cls);
	CK_RV rv;

	if (!o)
		return CKR_HOST_MEMORY;
	if (sk_template_find(t, n, CKA_VALUE) || sk_template_find(t, n, CKA_EC_POINT))
		return CKR_TEMPLATE_INCONSISTENT;
	rv = sk_attr_put(o, CKA_TOKEN, "", 1);
	if (rv == CKR_OK)
		rv = sk_attr_put(o, CKA_LOCAL, "\1", 1);
	if (rv == CKR_OK)
		rv = sk_attr_put(o, CKA_KEY_GEN_MECHANISM, &gen, sizeof gen);
	if (rv == CKR_OK)
		rv = sk_template_apply(ss->slot, o, t, n);
	if (rv == CKR_OK)
		rv = sk_template_apply(ss->slot, o, secret, 1);
	if (rv == CKR_OK)
		rv = sk_may_write(ss, o);
	o->owner = sk_attr_bool(ss->slot, o, CKA_TOKEN) ? 0 : ss->h;
	return rv;
}

static CK_RV add_pair(struct sk_slot *s, struct sk_object **pub, struct sk_object **priv)
{
	CK_RV rv = sk_object_add(s, *pub);

	if (rv != CKR_OK)
		return rv;
	rv = sk_object_add(s, *priv);
	if (rv == CKR_OK)
		return rv;
	sk_object_remove(s, *pub);
	*pub = NULL;
	return rv;
}

struct templates {
	CK_ATTRIBUTE *pub, *priv;
	CK_ULONG npub, npriv;
};

static CK_RV generate(struct sk_session *ss, const struct templates *t, CK_OBJECT_HANDLE *hpub,
		      CK_OBJECT_HANDLE *hpriv)
{
	unsigned char d[SK_SM2_BYTES], point[65];
	CK_ATTRIBUTE value = { CKA_VALUE, d, sizeof d }, where = { CKA_EC_POINT, point, sizeof point };
	struct sk_object *pub = NULL, *priv = NULL;
	CK_RV rv;

	if (!sk_sm2_new_d(d) || !sk_sm2_public(d, point))
		return CKR_FUNCTION_FAILED;
	rv = half(ss, CKO_PUBLIC_KEY, t->pub, t->npub, &where, &pub);
	if (rv == CKR_OK)
		rv = half(ss, CKO_PRIVATE_KEY, t->priv, t->npriv, &value, &priv);
	OPENSSL_cleanse(d, sizeof d);
	if (rv == CKR_OK)
		rv = add_pair(ss->slot, &pub, &priv);
	if (rv != CKR_OK) {
		sk_object_free(pub);
		sk_object_free(priv);
		return rv;
	}
	*hpub = pub->h;
	*hpriv = priv->h;
	return CKR_OK;
}

CK_RV C_GenerateKeyPair(CK_SESSION_HANDLE h, CK_MECHANISM *m, CK_ATTRIBUTE *pub, CK_ULONG npub,
			CK_ATTRIBUTE *priv, CK_ULONG npriv, CK_OBJECT_HANDLE *hpub, CK_OBJECT_HANDLE *hpriv)
{
	struct templates t = { pub, priv, npub, npriv };
	struct sk_session *ss;
	CK_RV rv = sk_enter();

	if (rv != CKR_OK)
		return sk_leave(rv);
	rv = sk_session(h, &ss);
	if (rv == CKR_OK && (!m || !hpub || !hpriv))
		rv = CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK && (ss->slot->token.key_gen == 0 || m->mechanism != ss->slot->token.key_gen))
		rv = CKR_MECHANISM_INVALID;
	if (rv == CKR_OK)
		rv = sk_template_check(pub, npub);
	if (rv == CKR_OK)
		rv = sk_template_check(priv, npriv);
	if (rv == CKR_OK) {
		sk_objects_refresh(ss->slot);
		rv = generate(ss, &t, hpub, hpriv);
	}
	return sk_leave(rv);
}

CK_RV C_GenerateRandom(CK_SESSION_HANDLE h, unsigned char *p, CK_ULONG n)
{
	struct sk_session *ss;
	CK_RV rv = sk_enter();

	if (rv == CKR_OK)
		rv = sk_session(h, &ss);
	if (rv == CKR_OK && (!p || n > SK_MAX_RANDOM))
		rv = CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK && !sk_random(p, n))
		rv = CKR_FUNCTION_FAILED;
	return sk_leave(rv);
}

CK_RV C_SeedRandom(CK_SESSION_HANDLE h, unsigned char *p, CK_ULONG n)
{
	struct sk_session *ss;
	CK_RV rv = sk_enter();

	if (rv == CKR_OK)
		rv = sk_session(h, &ss);
	if (rv == CKR_OK && (!p || n > SK_MAX_RANDOM))
		rv = CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK)
		RAND_seed(p, (int)n);
	return sk_leave(rv);
}
