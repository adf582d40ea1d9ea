/* SM2 and SM3 on libcrypto. */
#include "softkey.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#define USER_ID "1234567812345678"

static EVP_MD *sm3;
static EC_GROUP *group;

EVP_MD *sk_sm3(void)
{
	return sm3;
}

void sk_sm2_stop(void)
{
	EVP_MD_free(sm3);
	EC_GROUP_free(group);
	sm3 = NULL;
	group = NULL;
}

int sk_random(unsigned char *p, size_t n)
{
	return n <= INT_MAX && RAND_bytes(p, (int)n) == 1;
}

/* libcrypto may be built without SM2 (Fedora: no-sm2): one signature shows it. */
static int self_test(void)
{
	unsigned char d[SK_SM2_BYTES] = { 0 }, point[65], e[32] = { 1 }, rs[64];
	EVP_PKEY *key;
	int ok;

	d[SK_SM2_BYTES - 1] = 7;
	if (!sk_sm2_public(d, point))
		return 0;
	key = sk_sm2_key(d, point);
	ok = key && sk_sm2_sign(key, IN_E, e, sizeof e, rs);
	EVP_PKEY_free(key);
	return ok;
}

CK_RV sk_sm2_start(void)
{
	sm3 = EVP_MD_fetch(NULL, "SM3", NULL);
	group = EC_GROUP_new_by_curve_name(NID_sm2);
	if (sm3 && group && self_test())
		return CKR_OK;
	sk_say("this libcrypto (%s) has no SM2 or no SM3", OpenSSL_version(OPENSSL_VERSION));
	sk_sm2_stop();
	return CKR_FUNCTION_FAILED;
}

/* 1 <= d <= n-2 */
static int private_range(const BIGNUM *d)
{
	BIGNUM *max = BN_dup(EC_GROUP_get0_order(group));
	int ok = max && BN_sub_word(max, 2) && !BN_is_zero(d) && BN_cmp(d, max) <= 0;

	BN_free(max);
	return ok;
}

int sk_sm2_new_d(unsigned char d[SK_SM2_BYTES])
{
	BIGNUM *max = BN_dup(EC_GROUP_get0_order(group)), *k = BN_secure_new();
	int ok;

	/* k in 0 .. n-3, then d in 1 .. n-2 */
	ok = max && k && BN_sub_word(max, 2) && BN_priv_rand_range(k, max) && BN_add_word(k, 1) &&
	     BN_bn2binpad(k, d, SK_SM2_BYTES) == SK_SM2_BYTES;
	BN_clear_free(k);
	BN_free(max);
	return ok;
}

int sk_sm2_public(const unsigned char d[SK_SM2_BYTES], unsigned char point[65])
{
	BIGNUM *k = BN_bin2bn(d, SK_SM2_BYTES, NULL);
	EC_POINT *p = EC_POINT_new(group);
	int ok;

	ok = k && p && private_range(k) && EC_POINT_mul(group, p, k, NULL, NULL, NULL) &&
	     EC_POINT_point2oct(group, p, POINT_CONVERSION_UNCOMPRESSED, point, 65, NULL) == 65;
	BN_clear_free(k);
	EC_POINT_free(p);
	return ok;
}

int sk_sm2_on_curve(const unsigned char point[65])
{
	EC_POINT *p = EC_POINT_new(group);
	int ok = p && point[0] == 4 && EC_POINT_oct2point(group, p, point, 65, NULL);

	EC_POINT_free(p);
	return ok;
}

static int parse_pkcs8(const unsigned char *p, size_t n, unsigned char d[SK_SM2_BYTES])
{
	const unsigned char *at = p;
	EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &at, (long)n);
	BIGNUM *priv = NULL;
	char name[32];
	int ok;

	ok = key && at == p + n && EVP_PKEY_get_group_name(key, name, sizeof name, NULL) &&
	     strcmp(name, "SM2") == 0 && EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &priv) &&
	     BN_bn2binpad(priv, d, SK_SM2_BYTES) == SK_SM2_BYTES;
	BN_clear_free(priv);
	EVP_PKEY_free(key);
	return ok;
}

int sk_sm2_parse_private(const unsigned char *p, size_t n, unsigned char d[SK_SM2_BYTES])
{
	char hex[2 * SK_SM2_BYTES + 1];
	size_t len;

	if (n > 0 && p[0] == 0x30 && n > 2 * SK_SM2_BYTES + 2)
		return parse_pkcs8(p, n, d);
	while (n > 0 && (p[n - 1] == '\n' || p[n - 1] == '\r'))
		n--;
	if (n != 2 * SK_SM2_BYTES || memchr(p, 0, n))
		return 0;
	memcpy(hex, p, n);
	hex[n] = 0;
	return sk_unhex(hex, d, SK_SM2_BYTES, &len) && len == SK_SM2_BYTES;
}

EVP_PKEY *sk_sm2_key(const unsigned char d[SK_SM2_BYTES], const unsigned char point[65])
{
	BIGNUM *k = BN_bin2bn(d, SK_SM2_BYTES, NULL);
	OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(NULL, "SM2", NULL);
	OSSL_PARAM *params = NULL;
	EVP_PKEY *key = NULL;

	if (k && b && c &&
	    OSSL_PARAM_BLD_push_utf8_string(b, OSSL_PKEY_PARAM_GROUP_NAME, "SM2", 0) &&
	    OSSL_PARAM_BLD_push_octet_string(b, OSSL_PKEY_PARAM_PUB_KEY, point, 65) &&
	    OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_PRIV_KEY, k))
		params = OSSL_PARAM_BLD_to_param(b);
	if (params && (EVP_PKEY_fromdata_init(c) <= 0 || EVP_PKEY_fromdata(c, &key, EVP_PKEY_KEYPAIR, params) <= 0))
		key = NULL;
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(b);
	EVP_PKEY_CTX_free(c);
	BN_clear_free(k);
	return key;
}

/* DER as libcrypto writes it -> r || s */
static int split(const unsigned char *der, size_t n, unsigned char rs[64])
{
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)n);
	int ok = sig && BN_bn2binpad(ECDSA_SIG_get0_r(sig), rs, 32) == 32 &&
		 BN_bn2binpad(ECDSA_SIG_get0_s(sig), rs + 32, 32) == 32;

	ECDSA_SIG_free(sig);
	return ok;
}

static int sign_digest(EVP_PKEY *key, const unsigned char e[32], unsigned char rs[64])
{
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	unsigned char der[SK_DER_MAX + 8];
	size_t n = sizeof der;
	int ok = c && EVP_PKEY_sign_init(c) > 0 && EVP_PKEY_sign(c, der, &n, e, 32) > 0 && split(der, n, rs);

	EVP_PKEY_CTX_free(c);
	return ok;
}

/* Without set1_id OpenSSL would sign with an empty user ID. */
static int sign_message(EVP_PKEY *key, const unsigned char *m, size_t n, unsigned char rs[64])
{
	EVP_PKEY_CTX *pc = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	EVP_MD_CTX *mc = EVP_MD_CTX_new();
	unsigned char der[SK_DER_MAX + 8];
	size_t len = sizeof der;
	int ok = pc && mc && EVP_PKEY_CTX_set1_id(pc, USER_ID, 16) > 0;

	if (ok) {
		EVP_MD_CTX_set_pkey_ctx(mc, pc);
		ok = EVP_DigestSignInit(mc, NULL, sm3, NULL, key) > 0 &&
		     EVP_DigestSign(mc, der, &len, m, n) > 0 && split(der, len, rs);
	}
	EVP_MD_CTX_free(mc);
	EVP_PKEY_CTX_free(pc);
	return ok;
}

int sk_sm2_sign(EVP_PKEY *key, enum sk_in in, const unsigned char *m, size_t n, unsigned char rs[64])
{
	unsigned char e[32];

	switch (in) {
	case IN_E:
		return n == 32 && sign_digest(key, m, rs);
	case IN_MSG:
		return EVP_Digest(m, n, e, NULL, sm3, NULL) && sign_digest(key, e, rs);
	case IN_MSGZ:
		return sign_message(key, m, n, rs);
	case IN_ECDSA:
		break;
	}
	return 0;
}

/* r = x(kG) mod n, s = (e + r d) / k mod n */
static int ecdsa_once(BN_CTX *bn, const BIGNUM *d, const BIGNUM *e, unsigned char rs[64])
{
	const BIGNUM *order = EC_GROUP_get0_order(group);
	EC_POINT *p = EC_POINT_new(group);
	BIGNUM *k, *r, *s;
	int ok;

	BN_CTX_start(bn);
	k = BN_CTX_get(bn);
	r = BN_CTX_get(bn);
	s = BN_CTX_get(bn);
	ok = p && s && BN_priv_rand_range(k, order) && !BN_is_zero(k) &&
	     EC_POINT_mul(group, p, k, NULL, NULL, bn) &&
	     EC_POINT_get_affine_coordinates(group, p, r, NULL, bn) && BN_nnmod(r, r, order, bn) &&
	     BN_mod_mul(s, r, d, order, bn) && BN_mod_add(s, s, e, order, bn) &&
	     BN_mod_inverse(k, k, order, bn) && BN_mod_mul(s, s, k, order, bn) && !BN_is_zero(r) &&
	     !BN_is_zero(s) && BN_bn2binpad(r, rs, 32) == 32 && BN_bn2binpad(s, rs + 32, 32) == 32;
	BN_CTX_end(bn);
	EC_POINT_free(p);
	return ok;
}

/* ECDSA on the SM2 curve: what CKM_ECDSA gives on such a key, and no SM2 signature. */
int sk_ecdsa_sign(const unsigned char d[SK_SM2_BYTES], const unsigned char *m, size_t n, unsigned char rs[64])
{
	BN_CTX *bn = BN_CTX_secure_new();
	BIGNUM *k = BN_bin2bn(d, SK_SM2_BYTES, NULL), *e = BN_bin2bn(m, n > 32 ? 32 : (int)n, NULL);
	int ok = bn && k && e && ecdsa_once(bn, k, e, rs);

	BN_clear_free(k);
	BN_free(e);
	BN_CTX_free(bn);
	return ok;
}

static size_t put_integer(unsigned char *out, const unsigned char v[32], int keep_sign)
{
	size_t skip = 0, n = 0;
	int pad;

	while (skip < 31 && v[skip] == 0)
		skip++;
	pad = keep_sign && (v[skip] & 0x80);
	out[n++] = 0x02;
	out[n++] = (unsigned char)(32 - skip + (size_t)pad);
	if (pad)
		out[n++] = 0;
	memcpy(out + n, v + skip, 32 - skip);
	return n + 32 - skip;
}

size_t sk_encode(enum sk_out out, const unsigned char rs[64], unsigned char sig[SK_DER_MAX])
{
	size_t n = 2;

	if (out == OUT_RAW) {
		memcpy(sig, rs, 64);
		return 64;
	}
	n += put_integer(sig + n, rs, out == OUT_DER);
	n += put_integer(sig + n, rs + 32, out == OUT_DER);
	sig[0] = 0x30;
	sig[1] = (unsigned char)(n - 2);
	return n;
}
