/* Objects: find, read, create, change, destroy; key pair generation. */
#define _GNU_SOURCE
#include "driver.h"

#include <stdlib.h>
#include <string.h>

static CK_OBJECT_CLASS data_class = CKO_DATA, cert_class = CKO_CERTIFICATE, private_class = CKO_PRIVATE_KEY,
		       public_class = CKO_PUBLIC_KEY, strange_class = CKO_SECRET_KEY;
static CK_BBOOL yes = CK_TRUE, no = CK_FALSE;

static void test_find(void)
{
	CK_SESSION_HANDLE h;
	CK_OBJECT_HANDLE o[2];
	CK_ULONG n, twice = CKO_DATA;
	CK_ATTRIBUTE bad[2] = { { CKA_CLASS, &twice, sizeof twice }, { CKA_CLASS, &twice, sizeof twice } };
	CK_ATTRIBUTE shortcls = { CKA_CLASS, &twice, 2 };

	start();
	h = open_rw(0);
	WANT(find(h, CKO_PRIVATE_KEY, NULL), 0); /* private objects show after login only */
	WANT(find(h, CKO_PUBLIC_KEY, NULL), 1);
	WANT(find(h, CKO_CERTIFICATE, NULL), 1);
	WANT(find(h, CKO_DATA, NULL), 1);
	WANT(login(h, CKU_USER, USER_PIN), CKR_OK);
	WANT(find(h, CKO_PRIVATE_KEY, NULL), 1);
	WANT(find(h, CKO_DATA, NULL), 2);
	WANT(F->C_FindObjects(h, o, 2, &n), CKR_OPERATION_NOT_INITIALIZED);
	WANT(F->C_FindObjectsFinal(h), CKR_OPERATION_NOT_INITIALIZED);
	WANT(F->C_FindObjectsInit(h, bad, 2), CKR_TEMPLATE_INCONSISTENT);
	WANT(F->C_FindObjectsInit(h, NULL, 1), CKR_ARGUMENTS_BAD);
	WANT(F->C_FindObjectsInit(h, &shortcls, 1), CKR_ATTRIBUTE_VALUE_INVALID);
	WANT(F->C_FindObjectsInit(h, NULL, 0), CKR_OK);
	WANT(F->C_FindObjectsInit(h, NULL, 0), CKR_OPERATION_ACTIVE);
	WANT(F->C_FindObjects(h, o, 2, NULL), CKR_ARGUMENTS_BAD);
	WANT(F->C_FindObjects(h, o, 2, &n), CKR_OK);
	WANT(n, 2);
	WANT(F->C_FindObjects(h, o, 2, &n), CKR_OK);
	WANT(n, 2);
	WANT(F->C_FindObjects(h, o, 2, &n), CKR_OK);
	WANT(n, 1);
	WANT(F->C_FindObjects(h, o, 2, &n), CKR_OK);
	WANT(n, 0);
	WANT(F->C_FindObjectsFinal(h), CKR_OK);
	stop();
}

static void test_read(void)
{
	unsigned char buf[4096], tiny[1];
	CK_ULONG type, size = 0;
	CK_ATTRIBUTE t[4] = { { CKA_VALUE, NULL, 0 }, { CKA_LABEL, tiny, 1 }, { CKA_MODULUS, NULL, 0 },
			      { CKA_KEY_TYPE, &type, sizeof type } };
	CK_SESSION_HANDLE h;
	CK_OBJECT_HANDLE o;

	start();
	h = logged_in(0);
	find(h, CKO_PRIVATE_KEY, &o);
	WANT(F->C_GetAttributeValue(h, o, t, 4), CKR_ATTRIBUTE_SENSITIVE);
	WANT(t[0].ulValueLen, CK_UNAVAILABLE_INFORMATION);
	WANT(t[1].ulValueLen, CK_UNAVAILABLE_INFORMATION); /* too small */
	WANT(t[2].ulValueLen, CK_UNAVAILABLE_INFORMATION);
	WANT(type, 0x80000004); /* answered all the same */
	t[1].ulValueLen = 1;
	WANT(F->C_GetAttributeValue(h, o, t + 1, 1), CKR_BUFFER_TOO_SMALL);
	WANT(F->C_GetAttributeValue(h, o, t + 2, 1), CKR_ATTRIBUTE_TYPE_INVALID);
	WANT(F->C_GetAttributeValue(h, o, NULL, 1), CKR_ARGUMENTS_BAD);
	WANT(F->C_GetAttributeValue(h, 0, t, 1), CKR_OBJECT_HANDLE_INVALID);
	WANT(F->C_GetAttributeValue(h, o + 1000, t, 1), CKR_OBJECT_HANDLE_INVALID);
	find(h, CKO_CERTIFICATE, &o);
	t[0].pValue = buf;
	t[0].ulValueLen = sizeof buf;
	WANT(F->C_GetAttributeValue(h, o, t, 1), CKR_OK);
	TRUE_(t[0].ulValueLen > 10);
	WANT(F->C_GetObjectSize(h, o, &size), CKR_OK);
	TRUE_(size >= t[0].ulValueLen);
	WANT(F->C_GetObjectSize(h, o, NULL), CKR_ARGUMENTS_BAD);
	WANT(F->C_GetObjectSize(h, 0, &size), CKR_OBJECT_HANDLE_INVALID);
	stop();
}

static void test_create_errors(CK_SESSION_HANDLE h)
{
	CK_ATTRIBUTE t[4] = { { CKA_CLASS, &strange_class, sizeof strange_class }, { CKA_LABEL, "x", 1 } };
	unsigned char zero[32] = { 0 }, xy[64] = { 1 };
	CK_OBJECT_HANDLE o;

	WANT(F->C_CreateObject(h, t + 1, 1, &o), CKR_TEMPLATE_INCOMPLETE);
	WANT(F->C_CreateObject(h, t, 2, &o), CKR_ATTRIBUTE_VALUE_INVALID);
	WANT(F->C_CreateObject(h, t, 2, NULL), CKR_ARGUMENTS_BAD);
	WANT(F->C_CreateObject(h, NULL, 2, &o), CKR_ARGUMENTS_BAD);
	WANT(F->C_CreateObject(h, t, 65, &o), CKR_ARGUMENTS_BAD);
	t[0].pValue = &cert_class;
	WANT(F->C_CreateObject(h, t, 2, &o), CKR_TEMPLATE_INCOMPLETE);
	t[0].pValue = &private_class;
	t[1] = (CK_ATTRIBUTE){ CKA_VALUE, zero, sizeof zero };
	WANT(F->C_CreateObject(h, t, 2, &o), CKR_ATTRIBUTE_VALUE_INVALID);
	t[0].pValue = &public_class;
	t[1] = (CK_ATTRIBUTE){ CKA_EC_POINT, xy, sizeof xy };
	WANT(F->C_CreateObject(h, t, 2, &o), CKR_ATTRIBUTE_VALUE_INVALID);
	t[0].pValue = &data_class;
	WANT(F->C_CreateObject(h, t, 2, &o), CKR_ATTRIBUTE_TYPE_INVALID);
	t[1] = (CK_ATTRIBUTE){ CKA_TOKEN, &yes, 3 };
	WANT(F->C_CreateObject(h, t, 2, &o), CKR_ATTRIBUTE_VALUE_INVALID);
	t[1] = (CK_ATTRIBUTE){ CKA_LABEL, NULL, 7 };
	WANT(F->C_CreateObject(h, t, 2, &o), CKR_ATTRIBUTE_VALUE_INVALID);
	t[1] = (CK_ATTRIBUTE){ CKA_LOCAL, &yes, 1 };
	WANT(F->C_CreateObject(h, t, 2, &o), CKR_ATTRIBUTE_READ_ONLY);
}

static void test_write_rights(void)
{
	CK_ATTRIBUTE t[3] = { { CKA_CLASS, &data_class, sizeof data_class }, { CKA_TOKEN, &yes, 1 },
			      { CKA_PRIVATE, &yes, 1 } };
	CK_SESSION_HANDLE ro, rw;
	CK_OBJECT_HANDLE o;

	start();
	ro = open_ro(0);
	rw = open_rw(0);
	WANT(F->C_CreateObject(ro, t, 2, &o), CKR_SESSION_READ_ONLY);
	WANT(F->C_CreateObject(rw, t, 3, &o), CKR_USER_NOT_LOGGED_IN);
	WANT(find(ro, CKO_DATA, &o), 1);
	WANT(F->C_DestroyObject(ro, o), CKR_SESSION_READ_ONLY);
	WANT(F->C_SetAttributeValue(ro, o, t, 0), CKR_SESSION_READ_ONLY);
	test_create_errors(rw);
	stop();
}

/* A session object lives as long as its session. */
static void test_session_object(void)
{
	CK_ATTRIBUTE t[2] = { { CKA_CLASS, &data_class, sizeof data_class }, { CKA_VALUE, "abc", 3 } };
	CK_SESSION_HANDLE a, b;
	CK_OBJECT_HANDLE o;

	start();
	a = open_ro(0);
	b = open_ro(0);
	WANT(F->C_CreateObject(a, t, 2, &o), CKR_OK);
	WANT(find(b, CKO_DATA, NULL), 2);
	WANT(F->C_CloseSession(a), CKR_OK);
	WANT(find(b, CKO_DATA, NULL), 1);
	WANT(F->C_DestroyObject(b, o), CKR_OBJECT_HANDLE_INVALID);
	stop();
}

static void read_back(CK_SESSION_HANDLE h, CK_OBJECT_HANDLE o, const unsigned char *want, size_t n)
{
	unsigned char *got = malloc(n + 1);
	CK_ATTRIBUTE a = { CKA_VALUE, got, n + 1 };

	WANT(F->C_GetAttributeValue(h, o, &a, 1), CKR_OK);
	WANT(a.ulValueLen, n);
	TRUE_(memcmp(got, want, n) == 0);
	free(got);
}

/* A seal of 256 KB: created, read in another process's place, changed, destroyed. */
static void test_big_object(void)
{
	size_t n = 256 << 10, i;
	unsigned char *seal = malloc(n), *huge = calloc(1, (1 << 20) + 1);
	CK_ATTRIBUTE t[4] = { { CKA_CLASS, &data_class, sizeof data_class }, { CKA_TOKEN, &yes, 1 },
			      { CKA_PRIVATE, &yes, 1 }, { CKA_VALUE, seal, n } };
	CK_ATTRIBUTE change[3] = { { CKA_LABEL, "\xe5\x8d\xb0", 3 }, { CKA_APPLICATION, "app", 3 }, { CKA_VALUE, "short", 5 } };
	CK_ATTRIBUTE fixed = { CKA_PRIVATE, &no, 1 }, vendor = { 0x80001234UL, "v", 1 };
	CK_SESSION_HANDLE h;
	CK_OBJECT_HANDLE o;

	for (i = 0; i < n; i++)
		seal[i] = (unsigned char)(i * 7);
	start();
	h = logged_in(0);
	WANT(F->C_CreateObject(h, t, 4, &o), CKR_OK);
	read_back(h, o, seal, n);
	t[3] = (CK_ATTRIBUTE){ CKA_VALUE, huge, (1 << 20) + 1 };
	WANT(F->C_CreateObject(h, t, 4, &o), CKR_ATTRIBUTE_VALUE_INVALID);
	stop();
	start();
	h = logged_in(0);
	WANT(find(h, CKO_DATA, NULL), 3);
	WANT(F->C_FindObjectsInit(h, t, 3), CKR_OK); /* class, token, private */
	WANT(F->C_FindObjects(h, &o, 1, &i), CKR_OK);
	WANT(F->C_FindObjects(h, &o, 1, &i), CKR_OK); /* the newer of two */
	WANT(F->C_FindObjectsFinal(h), CKR_OK);
	read_back(h, o, seal, n);
	WANT(F->C_SetAttributeValue(h, o, change, 3), CKR_OK);
	WANT(F->C_SetAttributeValue(h, o, &vendor, 1), CKR_OK);
	WANT(F->C_SetAttributeValue(h, o, &fixed, 1), CKR_ATTRIBUTE_READ_ONLY);
	read_back(h, o, (const unsigned char *)"short", 5);
	WANT(F->C_DestroyObject(h, o), CKR_OK);
	WANT(F->C_DestroyObject(h, o), CKR_OBJECT_HANDLE_INVALID);
	WANT(find(h, CKO_DATA, NULL), 2);
	stop();
	free(seal);
	free(huge);
}

static void test_flags(void)
{
	CK_ATTRIBUTE t[4] = { { CKA_CLASS, &data_class, sizeof data_class }, { CKA_MODIFIABLE, &no, 1 },
			      { CKA_DESTROYABLE, &no, 1 }, { CKA_VALUE, "abc", 3 } };
	CK_ATTRIBUTE label = { CKA_LABEL, "x", 1 };
	CK_SESSION_HANDLE h;
	CK_OBJECT_HANDLE o;

	start();
	h = open_rw(0);
	WANT(F->C_CreateObject(h, t, 4, &o), CKR_OK);
	WANT(F->C_SetAttributeValue(h, o, &label, 1), CKR_ACTION_PROHIBITED);
	WANT(F->C_DestroyObject(h, o), CKR_ACTION_PROHIBITED);
	find(h, CKO_CERTIFICATE, &o);
	label.type = CKA_VALUE;
	WANT(F->C_SetAttributeValue(h, o, &label, 1), CKR_ATTRIBUTE_READ_ONLY);
	WANT(F->C_SetAttributeValue(h, 0, &label, 1), CKR_OBJECT_HANDLE_INVALID);
	stop();
}

void test_objects(void)
{
	test_find();
	test_read();
	test_write_rights();
	test_session_object();
	test_big_object();
	test_flags();
}

void test_generate(void)
{
	CK_MECHANISM gen = { MECH_GEN, NULL, 0 }, wrong = { MECH_E_RAW, NULL, 0 };
	CK_ATTRIBUTE t[2] = { { CKA_TOKEN, &yes, 1 }, { CKA_ID, "generated", 9 } };
	CK_ATTRIBUTE value = { CKA_VALUE, "12345678901234567890123456789012", 32 };
	unsigned char e[32] = { 5 }, sig[64], point[67];
	CK_ATTRIBUTE where = { CKA_EC_POINT, point, sizeof point };
	CK_OBJECT_HANDLE pub, priv, o;
	CK_ULONG n = sizeof sig;
	CK_SESSION_HANDLE h;

	start();
	h = open_rw(0);
	WANT(F->C_GenerateKeyPair(h, &gen, t, 2, t, 2, &pub, &priv), CKR_USER_NOT_LOGGED_IN);
	WANT(login(h, CKU_USER, USER_PIN), CKR_OK);
	WANT(F->C_GenerateKeyPair(h, NULL, t, 2, t, 2, &pub, &priv), CKR_ARGUMENTS_BAD);
	WANT(F->C_GenerateKeyPair(h, &wrong, t, 2, t, 2, &pub, &priv), CKR_MECHANISM_INVALID);
	WANT(F->C_GenerateKeyPair(h, &gen, t, 2, &value, 1, &pub, &priv), CKR_TEMPLATE_INCONSISTENT);
	WANT(F->C_GenerateKeyPair(h, &gen, t, 2, t, 2, &pub, &priv), CKR_OK);
	WANT(sign_init(h, MECH_E_RAW, priv), CKR_OK);
	WANT(F->C_Sign(h, e, sizeof e, sig, &n), CKR_OK);
	WANT(F->C_GetAttributeValue(h, pub, &where, 1), CKR_OK);
	WANT(where.ulValueLen, 67);
	stop();
	start(); /* the pair is on the token */
	h = logged_in(0);
	WANT(find(h, CKO_PRIVATE_KEY, NULL), 2);
	WANT(F->C_FindObjectsInit(h, t + 1, 1), CKR_OK);
	WANT(F->C_FindObjects(h, &o, 1, &n), CKR_OK);
	WANT(n, 1);
	WANT(F->C_FindObjectsFinal(h), CKR_OK);
	WANT(F->C_DestroyObject(h, o), CKR_OK);
	WANT(F->C_FindObjectsInit(h, t + 1, 1), CKR_OK);
	WANT(F->C_FindObjects(h, &o, 1, &n), CKR_OK);
	WANT(F->C_FindObjectsFinal(h), CKR_OK);
	WANT(F->C_DestroyObject(h, o), CKR_OK);
	WANT(find(h, CKO_PRIVATE_KEY, NULL), 1);
	stop();
}
