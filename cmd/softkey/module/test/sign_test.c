/* Signatures, faults, digests, random numbers. */
#define _GNU_SOURCE
#include "driver.h"

#include <string.h>
#include <time.h>

static unsigned char e[32] = { 0xab }, sig[128];

static CK_RV sign(CK_SESSION_HANDLE h, CK_OBJECT_HANDLE key, CK_MECHANISM_TYPE m, CK_ULONG *n)
{
	CK_RV rv = sign_init(h, m, key);

	*n = sizeof sig;
	return rv == CKR_OK ? F->C_Sign(h, e, sizeof e, sig, n) : rv;
}

static void test_init_errors(CK_SESSION_HANDLE h, CK_OBJECT_HANDLE key)
{
	CK_MECHANISM param = { MECH_E_RAW, "1234567812345678", 16 };
	CK_OBJECT_HANDLE pub;

	WANT(F->C_SignInit(h, NULL, key), CKR_ARGUMENTS_BAD);
	WANT(sign_init(h, 0x1041, key), CKR_MECHANISM_INVALID);
	WANT(F->C_SignInit(h, &param, key), CKR_MECHANISM_PARAM_INVALID);
	WANT(sign_init(h, MECH_E_RAW, key + 1000), CKR_KEY_HANDLE_INVALID);
	find(h, CKO_PUBLIC_KEY, &pub);
	WANT(sign_init(h, MECH_E_RAW, pub), CKR_KEY_TYPE_INCONSISTENT);
	WANT(sign_init(h, MECH_E_RAW, key), CKR_OK);
	WANT(sign_init(h, MECH_E_RAW, key), CKR_OPERATION_ACTIVE);
}

static void test_lengths(CK_SESSION_HANDLE h, CK_OBJECT_HANDLE key)
{
	CK_ULONG n = 0;

	/* active since test_init_errors */
	WANT(F->C_Sign(h, e, sizeof e, NULL, &n), CKR_OK);
	WANT(n, 64);
	n = 63;
	WANT(F->C_Sign(h, e, sizeof e, sig, &n), CKR_BUFFER_TOO_SMALL);
	WANT(n, 64);
	WANT(F->C_Sign(h, e, sizeof e, sig, &n), CKR_OK);
	WANT(F->C_Sign(h, e, sizeof e, sig, &n), CKR_OPERATION_NOT_INITIALIZED);
	WANT(sign_init(h, MECH_E_RAW, key), CKR_OK);
	WANT(F->C_Sign(h, e, 31, sig, &n), CKR_DATA_LEN_RANGE);
	WANT(F->C_Sign(h, e, 32, sig, &n), CKR_OPERATION_NOT_INITIALIZED);
	WANT(sign_init(h, MECH_E_RAW, key), CKR_OK);
	WANT(F->C_Sign(h, NULL, 32, sig, &n), CKR_ARGUMENTS_BAD);
	WANT(sign_init(h, MECH_E_RAW, key), CKR_OK);
	WANT(F->C_Sign(h, e, 32, sig, NULL), CKR_ARGUMENTS_BAD);
	WANT(sign_init(h, MECH_MSGZ, key), CKR_OK);
	n = sizeof sig;
	WANT(F->C_Sign(h, NULL, 0, sig, &n), CKR_OK); /* the empty message */
	WANT(sign(h, key, MECH_E_DER, &n), CKR_OK);
	TRUE_(n >= 68 && n <= 72 && sig[0] == 0x30 && sig[1] == n - 2);
}

static void test_parts(CK_SESSION_HANDLE h, CK_OBJECT_HANDLE key)
{
	CK_ULONG n = sizeof sig, i;

	WANT(F->C_SignUpdate(h, e, 1), CKR_OPERATION_NOT_INITIALIZED);
	WANT(F->C_SignFinal(h, sig, &n), CKR_OPERATION_NOT_INITIALIZED);
	WANT(sign_init(h, MECH_MSGZ, key), CKR_OK);
	for (i = 0; i < 100; i++)
		WANT(F->C_SignUpdate(h, e, sizeof e), CKR_OK);
	WANT(F->C_Sign(h, e, sizeof e, sig, &n), CKR_OPERATION_ACTIVE);
	WANT(F->C_SignFinal(h, NULL, &n), CKR_OK);
	WANT(n, 64);
	WANT(F->C_SignFinal(h, sig, &n), CKR_OK);
	WANT(sign_init(h, MECH_MSGZ, key), CKR_OK);
	WANT(F->C_SignUpdate(h, NULL, 4), CKR_ARGUMENTS_BAD);
	WANT(F->C_SignUpdate(h, e, 4), CKR_OPERATION_NOT_INITIALIZED);
	WANT(sign_init(h, MECH_MSGZ, key), CKR_OK);
	WANT(F->C_SignUpdate(h, e, 17UL << 20), CKR_DATA_LEN_RANGE);
}

/* slot1: CKA_ALWAYS_AUTHENTICATE. */
static void test_always_authenticate(void)
{
	CK_SESSION_HANDLE h = logged_in(1);
	CK_OBJECT_HANDLE key;
	CK_ULONG n;

	WANT(find(h, CKO_PRIVATE_KEY, &key), 1);
	WANT(sign(h, key, MECH_E_RAW, &n), CKR_USER_NOT_LOGGED_IN);
	WANT(sign_init(h, MECH_E_RAW, key), CKR_OK);
	WANT(login(h, CKU_CONTEXT_SPECIFIC, "wrong!"), CKR_PIN_INCORRECT);
	WANT(login(h, CKU_CONTEXT_SPECIFIC, USER_PIN), CKR_OK);
	n = sizeof sig;
	WANT(F->C_Sign(h, e, sizeof e, sig, &n), CKR_OK);
	WANT(sign(h, key, MECH_E_RAW, &n), CKR_USER_NOT_LOGGED_IN); /* one PIN, one signature */
}

void test_sign(void)
{
	CK_SESSION_HANDLE h;
	CK_OBJECT_HANDLE key;
	CK_ULONG n;

	start();
	h = logged_in(0);
	find(h, CKO_PRIVATE_KEY, &key);
	test_init_errors(h, key);
	test_lengths(h, key);
	test_parts(h, key);
	test_always_authenticate();
	WANT(sign_init(h, MECH_E_RAW, key), CKR_OK);
	WANT(F->C_Logout(h), CKR_OK);
	n = sizeof sig;
	WANT(F->C_Sign(h, e, sizeof e, sig, &n), CKR_USER_NOT_LOGGED_IN);
	WANT(sign_init(h, MECH_E_RAW, key), CKR_USER_NOT_LOGGED_IN);
	stop();
}

static void test_code_faults(CK_SESSION_HANDLE h, CK_OBJECT_HANDLE key)
{
	static const struct {
		const char *fault;
		CK_RV rv;
	} codes[] = {
		{ "device-removed", CKR_DEVICE_REMOVED },
		{ "sign:device-error", CKR_DEVICE_ERROR },
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
		{ "rv 0x80001234", 0x80001234UL },
		{ "sign-init:device-error", CKR_DEVICE_ERROR },
	};
	CK_ULONG n;
	size_t i;

	for (i = 0; i < sizeof codes / sizeof codes[0]; i++) {
		fault(0, codes[i].fault);
		WANT(sign(h, key, MECH_E_RAW, &n), codes[i].rv);
		WANT(sign(h, key, MECH_E_RAW, &n), CKR_OK); /* it fires once */
	}
	fault(0, "device-error x2");
	WANT(sign(h, key, MECH_E_RAW, &n), CKR_DEVICE_ERROR);
	WANT(sign(h, key, MECH_E_RAW, &n), CKR_DEVICE_ERROR);
	WANT(sign(h, key, MECH_E_RAW, &n), CKR_OK);
	fault(0, "login:device-error\ndevice-error x*"); /* another point's fault stays in place */
	WANT(sign(h, key, MECH_E_RAW, &n), CKR_DEVICE_ERROR);
	WANT(sign(h, key, MECH_E_RAW, &n), CKR_DEVICE_ERROR);
	fault(0, "nonsense");
	WANT(sign(h, key, MECH_E_RAW, &n), CKR_OK);
}

static int all_zero(size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (sig[i])
			return 0;
	return 1;
}

static void test_value_faults(CK_SESSION_HANDLE h, CK_OBJECT_HANDLE key)
{
	struct timespec a, b;
	CK_ULONG n;

	fault(0, "zero");
	WANT(sign(h, key, MECH_E_RAW, &n), CKR_OK);
	WANT(n, 64);
	TRUE_(all_zero(n));
	fault(0, "wrong-length");
	WANT(sign(h, key, MECH_E_RAW, &n), CKR_OK);
	WANT(n, 63);
	fault(0, "wrong-length 0");
	WANT(sign(h, key, MECH_E_RAW, &n), CKR_OK);
	WANT(n, 0);
	fault(0, "wrong-length 9999");
	WANT(sign(h, key, MECH_E_RAW, &n), CKR_OK);
	WANT(n, 72);
	fault(0, "wrong-signature");
	WANT(sign(h, key, MECH_E_DER, &n), CKR_OK);
	TRUE_(n >= 68);
	fault(0, "other-key");
	WANT(sign(h, key, MECH_MSGZ, &n), CKR_OK);
	WANT(n, 64);
	fault(0, "sleep 60");
	clock_gettime(CLOCK_MONOTONIC, &a);
	WANT(sign(h, key, MECH_E_RAW, &n), CKR_OK);
	clock_gettime(CLOCK_MONOTONIC, &b);
	TRUE_((b.tv_sec - a.tv_sec) * 1000 + (b.tv_nsec - a.tv_nsec) / 1000000 >= 55);
}

static void test_other_points(CK_SESSION_HANDLE h)
{
	unsigned char one[4096], two[4096];
	CK_ATTRIBUTE a = { CKA_VALUE, one, sizeof one }, b = { CKA_VALUE, two, sizeof two };
	CK_OBJECT_HANDLE cert;
	CK_SESSION_HANDLE other;
	CK_TOKEN_INFO info;
	CK_ULONG n;

	find(h, CKO_CERTIFICATE, &cert);
	WANT(F->C_GetAttributeValue(h, cert, &a, 1), CKR_OK);
	fault(0, "cert-mismatch");
	WANT(F->C_GetAttributeValue(h, cert, &b, 1), CKR_OK);
	TRUE_(a.ulValueLen == b.ulValueLen && memcmp(one, two, a.ulValueLen) != 0);
	fault(0, "read:device-error");
	WANT(F->C_GetAttributeValue(h, cert, &a, 1), CKR_DEVICE_ERROR);
	fault(0, "find:device-removed");
	WANT(F->C_FindObjectsInit(h, NULL, 0), CKR_DEVICE_REMOVED);
	fault(0, "info:token-not-recognized");
	WANT(F->C_GetTokenInfo(0, &info), CKR_TOKEN_NOT_RECOGNIZED);
	fault(0, "open:device-error");
	WANT(F->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL, &other), CKR_DEVICE_ERROR);
	fault(0, "slots:general-error");
	WANT(F->C_GetSlotList(1, NULL, &n), CKR_GENERAL_ERROR);
	WANT(F->C_Logout(h), CKR_OK);
	fault(0, "login:function-failed");
	WANT(login(h, CKU_USER, USER_PIN), CKR_FUNCTION_FAILED);
	WANT(login(h, CKU_USER, USER_PIN), CKR_OK);
}

/* The key is pulled before, during and after the signature. */
static void test_pulled(void)
{
	static const struct {
		const char *fault;
		CK_RV rv;
	} cases[] = {
		{ "remove-before", CKR_SESSION_HANDLE_INVALID },
		{ "remove-during", CKR_DEVICE_REMOVED },
		{ "remove-after", CKR_OK },
	};
	CK_SESSION_HANDLE h;
	CK_OBJECT_HANDLE key;
	CK_TOKEN_INFO info;
	CK_ULONG n;
	size_t i;

	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		plug(0);
		h = logged_in(0);
		find(h, CKO_PRIVATE_KEY, &key);
		fault(0, cases[i].fault);
		WANT(sign(h, key, MECH_E_RAW, &n), cases[i].rv);
		WANT(sign(h, key, MECH_E_RAW, &n), CKR_SESSION_HANDLE_INVALID);
		WANT(F->C_GetTokenInfo(0, &info), CKR_TOKEN_NOT_PRESENT);
	}
	plug(0);
}

void test_faults(void)
{
	CK_SESSION_HANDLE h;
	CK_OBJECT_HANDLE key;

	start();
	h = logged_in(0);
	find(h, CKO_PRIVATE_KEY, &key);
	test_code_faults(h, key);
	test_value_faults(h, key);
	test_other_points(h);
	test_pulled();
	drop_file("slot0/fault");
	stop();
}

/* SM3 of "abc", GB/T 32905-2016, A.1. */
static const unsigned char abc[32] = {
	0x66, 0xc7, 0xf0, 0xf4, 0x62, 0xee, 0xed, 0xd9, 0xd1, 0xf2, 0xd4, 0x6b, 0xdc, 0x10, 0xe4, 0xe2,
	0x41, 0x67, 0xc4, 0x87, 0x5c, 0xf2, 0xf7, 0xa2, 0x29, 0x7d, 0xa0, 0x2b, 0x8f, 0x4b, 0xa8, 0xe0,
};

void test_digest(void)
{
	CK_MECHANISM m = { MECH_SM3, NULL, 0 }, wrong = { 0x250, NULL, 0 };
	unsigned char *text = (unsigned char *)"abc", out[32], random[32] = { 0 };
	CK_SESSION_HANDLE h;
	CK_OBJECT_HANDLE key;
	CK_ULONG n = 0;

	start();
	h = open_ro(0);
	WANT(F->C_Digest(h, text, 3, out, &n), CKR_OPERATION_NOT_INITIALIZED);
	WANT(F->C_DigestInit(h, NULL), CKR_ARGUMENTS_BAD);
	WANT(F->C_DigestInit(h, &wrong), CKR_MECHANISM_INVALID);
	WANT(F->C_DigestInit(h, &m), CKR_OK);
	WANT(F->C_DigestInit(h, &m), CKR_OPERATION_ACTIVE);
	WANT(F->C_Digest(h, text, 3, NULL, &n), CKR_OK);
	WANT(n, 32);
	n = 31;
	WANT(F->C_Digest(h, text, 3, out, &n), CKR_BUFFER_TOO_SMALL);
	WANT(F->C_Digest(h, text, 3, out, &n), CKR_OK);
	TRUE_(memcmp(out, abc, sizeof abc) == 0);
	WANT(F->C_DigestInit(h, &m), CKR_OK);
	WANT(F->C_DigestUpdate(h, text, 1), CKR_OK);
	WANT(F->C_DigestUpdate(h, text + 1, 2), CKR_OK);
	WANT(F->C_Digest(h, text, 3, out, &n), CKR_OPERATION_ACTIVE);
	memset(out, 0, sizeof out);
	WANT(F->C_DigestFinal(h, out, &n), CKR_OK);
	TRUE_(memcmp(out, abc, sizeof abc) == 0);
	WANT(F->C_DigestFinal(h, out, &n), CKR_OPERATION_NOT_INITIALIZED);
	WANT(F->C_GenerateRandom(h, random, sizeof random), CKR_OK);
	TRUE_(memcmp(random, "\0\0\0\0\0\0\0\0", 8) != 0);
	WANT(F->C_GenerateRandom(h, NULL, 4), CKR_ARGUMENTS_BAD);
	WANT(F->C_SeedRandom(h, random, sizeof random), CKR_OK);
	/* Left open, for the leak check: */
	WANT(F->C_DigestInit(h, &m), CKR_OK);
	WANT(F->C_FindObjectsInit(h, NULL, 0), CKR_OK);
	WANT(login(h, CKU_USER, USER_PIN), CKR_OK);
	find(open_ro(0), CKO_PRIVATE_KEY, &key);
	WANT(sign_init(h, MECH_MSGZ, key), CKR_OK);
	WANT(F->C_SignUpdate(h, text, 3), CKR_OK);
	stop();
}
