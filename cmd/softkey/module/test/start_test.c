/* Function table, initialisation, slots, tokens, mechanisms, sessions. */
#define _GNU_SOURCE
#include "driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The table is a version and then pointers only. */
static void test_table(void)
{
	void *const *entry = (void *const *)(void *)((char *)F + offsetof(CK_FUNCTION_LIST, C_Initialize));
	size_t n = (sizeof *F - offsetof(CK_FUNCTION_LIST, C_Initialize)) / sizeof *entry, i;

	WANT(n, 68);
	for (i = 0; i < n; i++)
		TRUE_(entry[i] != NULL);
	WANT(C_GetFunctionList(NULL), CKR_ARGUMENTS_BAD);
	WANT(F->version.major, 2);
	WANT(F->version.minor, 40);
}

static void test_unsupported(void)
{
	WANT(F->C_GetOperationState(1, NULL, NULL), CKR_FUNCTION_NOT_SUPPORTED);
	WANT(F->C_SetOperationState(1, NULL, 0, 0, 0), CKR_FUNCTION_NOT_SUPPORTED);
	WANT(F->C_CopyObject(1, 1, NULL, 0, NULL), CKR_FUNCTION_NOT_SUPPORTED);
	WANT(F->C_EncryptInit(1, NULL, 1), CKR_FUNCTION_NOT_SUPPORTED);
	WANT(F->C_Encrypt(1, NULL, 0, NULL, NULL), CKR_FUNCTION_NOT_SUPPORTED);
	WANT(F->C_EncryptUpdate(1, NULL, 0, NULL, NULL), CKR_FUNCTION_NOT_SUPPORTED);
	WANT(F->C_EncryptFinal(1, NULL, NULL), CKR_FUNCTION_NOT_SUPPORTED);
	WANT(F->C_DecryptInit(1, NULL, 1), CKR_FUNCTION_NOT_SUPPORTED);
	WANT(F->C_Decrypt(1, NULL, 0, NULL, NULL), CKR_FUNCTION_NOT_SUPPORTED);
	WANT(F->C_DecryptUpdate(1, NULL, 0, NULL, NULL), CKR_FUNCTION_NOT_SUPPORTED);
	WANT(F->C_DecryptFinal(1, NULL, NULL), CKR_FUNCTION_NOT_SUPPORTED);
	WANT(F->C_DigestKey(1, 1), CKR_FUNCTION_NOT_SUPPORTED);
	WANT(F->C_SignRecoverInit(1, NULL, 1), CKR_FUNCTION_NOT_SUPPORTED);
	WANT(F->C_SignRecover(1, NULL, 0, NULL, NULL), CKR_FUNCTION_NOT_SUPPORTED);
	WANT(F->C_VerifyInit(1, NULL, 1), CKR_FUNCTION_NOT_SUPPORTED);
	WANT(F->C_Verify(1, NULL, 0, NULL, 0), CKR_FUNCTION_NOT_SUPPORTED);
	WANT(F->C_VerifyUpdate(1, NULL, 0), CKR_FUNCTION_NOT_SUPPORTED);
	WANT(F->C_VerifyFinal(1, NULL, 0), CKR_FUNCTION_NOT_SUPPORTED);
	WANT(F->C_VerifyRecoverInit(1, NULL, 1), CKR_FUNCTION_NOT_SUPPORTED);
	WANT(F->C_VerifyRecover(1, NULL, 0, NULL, NULL), CKR_FUNCTION_NOT_SUPPORTED);
	WANT(F->C_DigestEncryptUpdate(1, NULL, 0, NULL, NULL), CKR_FUNCTION_NOT_SUPPORTED);
	WANT(F->C_DecryptDigestUpdate(1, NULL, 0, NULL, NULL), CKR_FUNCTION_NOT_SUPPORTED);
	WANT(F->C_SignEncryptUpdate(1, NULL, 0, NULL, NULL), CKR_FUNCTION_NOT_SUPPORTED);
	WANT(F->C_DecryptVerifyUpdate(1, NULL, 0, NULL, NULL), CKR_FUNCTION_NOT_SUPPORTED);
	WANT(F->C_GenerateKey(1, NULL, NULL, 0, NULL), CKR_FUNCTION_NOT_SUPPORTED);
	WANT(F->C_WrapKey(1, NULL, 0, 0, NULL, NULL), CKR_FUNCTION_NOT_SUPPORTED);
	WANT(F->C_UnwrapKey(1, NULL, 0, NULL, 0, NULL, 0, NULL), CKR_FUNCTION_NOT_SUPPORTED);
	WANT(F->C_DeriveKey(1, NULL, 0, NULL, 0, NULL), CKR_FUNCTION_NOT_SUPPORTED);
	WANT(F->C_GetFunctionStatus(1), CKR_FUNCTION_NOT_PARALLEL);
	WANT(F->C_CancelFunction(1), CKR_FUNCTION_NOT_PARALLEL);
}

static void test_not_initialised(void)
{
	CK_ULONG n = 0, id = 0;
	unsigned char b[64];
	CK_INFO info;

	WANT(F->C_Finalize(NULL), CKR_CRYPTOKI_NOT_INITIALIZED);
	WANT(F->C_GetInfo(&info), CKR_CRYPTOKI_NOT_INITIALIZED);
	WANT(F->C_GetSlotList(0, NULL, &n), CKR_CRYPTOKI_NOT_INITIALIZED);
	WANT(F->C_GetSlotInfo(0, NULL), CKR_CRYPTOKI_NOT_INITIALIZED);
	WANT(F->C_GetTokenInfo(0, NULL), CKR_CRYPTOKI_NOT_INITIALIZED);
	WANT(F->C_GetMechanismList(0, NULL, &n), CKR_CRYPTOKI_NOT_INITIALIZED);
	WANT(F->C_GetMechanismInfo(0, 0, NULL), CKR_CRYPTOKI_NOT_INITIALIZED);
	WANT(F->C_InitToken(0, b, 1, b), CKR_CRYPTOKI_NOT_INITIALIZED);
	WANT(F->C_InitPIN(1, b, 1), CKR_CRYPTOKI_NOT_INITIALIZED);
	WANT(F->C_SetPIN(1, b, 1, b, 1), CKR_CRYPTOKI_NOT_INITIALIZED);
	WANT(F->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL, &n), CKR_CRYPTOKI_NOT_INITIALIZED);
	WANT(F->C_CloseSession(1), CKR_CRYPTOKI_NOT_INITIALIZED);
	WANT(F->C_CloseAllSessions(0), CKR_CRYPTOKI_NOT_INITIALIZED);
	WANT(F->C_GetSessionInfo(1, NULL), CKR_CRYPTOKI_NOT_INITIALIZED);
	WANT(F->C_Login(1, CKU_USER, b, 1), CKR_CRYPTOKI_NOT_INITIALIZED);
	WANT(F->C_Logout(1), CKR_CRYPTOKI_NOT_INITIALIZED);
	WANT(F->C_CreateObject(1, NULL, 0, &n), CKR_CRYPTOKI_NOT_INITIALIZED);
	WANT(F->C_DestroyObject(1, 1), CKR_CRYPTOKI_NOT_INITIALIZED);
	WANT(F->C_GetObjectSize(1, 1, &n), CKR_CRYPTOKI_NOT_INITIALIZED);
	WANT(F->C_GetAttributeValue(1, 1, NULL, 0), CKR_CRYPTOKI_NOT_INITIALIZED);
	WANT(F->C_SetAttributeValue(1, 1, NULL, 0), CKR_CRYPTOKI_NOT_INITIALIZED);
	WANT(F->C_FindObjectsInit(1, NULL, 0), CKR_CRYPTOKI_NOT_INITIALIZED);
	WANT(F->C_FindObjects(1, &id, 1, &n), CKR_CRYPTOKI_NOT_INITIALIZED);
	WANT(F->C_FindObjectsFinal(1), CKR_CRYPTOKI_NOT_INITIALIZED);
	WANT(F->C_DigestInit(1, NULL), CKR_CRYPTOKI_NOT_INITIALIZED);
	WANT(F->C_Digest(1, b, 1, b, &n), CKR_CRYPTOKI_NOT_INITIALIZED);
	WANT(F->C_DigestUpdate(1, b, 1), CKR_CRYPTOKI_NOT_INITIALIZED);
	WANT(F->C_DigestFinal(1, b, &n), CKR_CRYPTOKI_NOT_INITIALIZED);
	WANT(F->C_SignInit(1, NULL, 1), CKR_CRYPTOKI_NOT_INITIALIZED);
	WANT(F->C_Sign(1, b, 1, b, &n), CKR_CRYPTOKI_NOT_INITIALIZED);
	WANT(F->C_SignUpdate(1, b, 1), CKR_CRYPTOKI_NOT_INITIALIZED);
	WANT(F->C_SignFinal(1, b, &n), CKR_CRYPTOKI_NOT_INITIALIZED);
	WANT(F->C_GenerateKeyPair(1, NULL, NULL, 0, NULL, 0, &n, &n), CKR_CRYPTOKI_NOT_INITIALIZED);
	WANT(F->C_SeedRandom(1, b, 1), CKR_CRYPTOKI_NOT_INITIALIZED);
	WANT(F->C_GenerateRandom(1, b, 1), CKR_CRYPTOKI_NOT_INITIALIZED);
	WANT(F->C_WaitForSlotEvent(CKF_DONT_BLOCK, &n, NULL), CKR_CRYPTOKI_NOT_INITIALIZED);
}

static CK_RV mutex_stub(void *m)
{
	(void)m;
	return CKR_OK;
}

static CK_RV create_stub(void **m)
{
	*m = NULL;
	return CKR_OK;
}

static void test_initialise(void)
{
	CK_C_INITIALIZE_ARGS args;
	char empty[4096];

	unsetenv("SOFTKEY_DIR");
	WANT(F->C_Initialize(NULL), CKR_GENERAL_ERROR);
	setenv("SOFTKEY_DIR", "", 1);
	WANT(F->C_Initialize(NULL), CKR_GENERAL_ERROR);
	setenv("SOFTKEY_DIR", "/nonexistent/store", 1);
	WANT(F->C_Initialize(NULL), CKR_GENERAL_ERROR);
	snprintf(empty, sizeof empty, "%s/slot0/obj", store);
	setenv("SOFTKEY_DIR", empty, 1); /* a directory, but no store */
	WANT(F->C_Initialize(NULL), CKR_GENERAL_ERROR);
	setenv("SOFTKEY_DIR", store, 1);

	memset(&args, 0, sizeof args);
	args.pReserved = &args;
	WANT(F->C_Initialize(&args), CKR_ARGUMENTS_BAD);
	args.pReserved = NULL;
	args.CreateMutex = create_stub;
	WANT(F->C_Initialize(&args), CKR_ARGUMENTS_BAD);
	args.DestroyMutex = args.LockMutex = args.UnlockMutex = mutex_stub;
	WANT(F->C_Initialize(&args), CKR_CANT_LOCK);
	args.flags = CKF_OS_LOCKING_OK;
	WANT(F->C_Initialize(&args), CKR_OK);
	WANT(F->C_Initialize(NULL), CKR_CRYPTOKI_ALREADY_INITIALIZED);
	WANT(F->C_Finalize(&args), CKR_ARGUMENTS_BAD);
	WANT(F->C_Finalize(NULL), CKR_OK);
}

static void test_slots(void)
{
	CK_SLOT_ID ids[4];
	CK_ULONG n = 0;
	CK_SLOT_INFO slot;
	CK_TOKEN_INFO token;
	CK_INFO info;

	start();
	WANT(F->C_GetInfo(NULL), CKR_ARGUMENTS_BAD);
	WANT(F->C_GetInfo(&info), CKR_OK);
	TRUE_(memcmp(info.manufacturerID, "TRAINING KEY", 12) == 0);
	WANT(F->C_GetSlotList(0, NULL, NULL), CKR_ARGUMENTS_BAD);
	WANT(F->C_GetSlotList(0, NULL, &n), CKR_OK);
	WANT(n, 2);
	n = 1;
	WANT(F->C_GetSlotList(0, ids, &n), CKR_BUFFER_TOO_SMALL);
	WANT(n, 2);
	n = 4;
	WANT(F->C_GetSlotList(1, ids, &n), CKR_OK);
	WANT(n, 2);
	pull(1);
	n = 4;
	WANT(F->C_GetSlotList(1, ids, &n), CKR_OK);
	WANT(n, 1);
	WANT(F->C_GetSlotInfo(1, &slot), CKR_OK);
	WANT(slot.flags & CKF_TOKEN_PRESENT, 0);
	WANT(F->C_GetSlotInfo(0, &slot), CKR_OK);
	TRUE_(slot.flags & CKF_TOKEN_PRESENT);
	WANT(F->C_GetSlotInfo(7, &slot), CKR_SLOT_ID_INVALID);
	WANT(F->C_GetSlotInfo(0xffffffffUL, &slot), CKR_SLOT_ID_INVALID);
	WANT(F->C_GetTokenInfo(1, &token), CKR_TOKEN_NOT_PRESENT);
	WANT(F->C_GetTokenInfo(0, NULL), CKR_ARGUMENTS_BAD);
	WANT(F->C_GetTokenInfo(0, &token), CKR_OK);
	TRUE_(memcmp(token.label, "TRAINING KEY", 12) == 0);
	TRUE_(token.flags & CKF_LOGIN_REQUIRED);
	replace_line("slot0/token.ini", "label ", "label = Bank of Real Keys");
	WANT(F->C_GetTokenInfo(0, &token), CKR_OK);
	TRUE_(memcmp(token.label, "TRAINING KEY Bank of Real Keys", 30) == 0);
	stop();
}

static void test_mechanisms(void)
{
	CK_MECHANISM_TYPE all[16];
	CK_MECHANISM_INFO info;
	CK_ULONG n = 0, i;

	start();
	WANT(F->C_GetMechanismList(9, NULL, &n), CKR_SLOT_ID_INVALID);
	WANT(F->C_GetMechanismList(0, NULL, NULL), CKR_ARGUMENTS_BAD);
	WANT(F->C_GetMechanismList(0, NULL, &n), CKR_OK);
	WANT(n, 8);
	n = 3;
	WANT(F->C_GetMechanismList(0, all, &n), CKR_BUFFER_TOO_SMALL);
	n = 16;
	WANT(F->C_GetMechanismList(0, all, &n), CKR_OK);
	for (i = 0; i < n; i++)
		WANT(F->C_GetMechanismInfo(0, all[i], &info), CKR_OK);
	WANT(F->C_GetMechanismInfo(0, 0x1041, &info), CKR_MECHANISM_INVALID);
	WANT(F->C_GetMechanismInfo(0, 0, &info), CKR_MECHANISM_INVALID);
	stop();
}

void test_start(void)
{
	test_table();
	test_unsupported();
	test_not_initialised();
	test_initialise();
	test_slots();
	test_mechanisms();
}

static void test_session_states(void)
{
	CK_SESSION_HANDLE ro, rw, h;
	CK_SESSION_INFO info;

	start();
	WANT(F->C_OpenSession(0, 0, NULL, NULL, &h), CKR_SESSION_PARALLEL_NOT_SUPPORTED);
	WANT(F->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL, NULL), CKR_ARGUMENTS_BAD);
	WANT(F->C_OpenSession(5, CKF_SERIAL_SESSION, NULL, NULL, &h), CKR_SLOT_ID_INVALID);
	ro = open_ro(0);
	rw = open_rw(0);
	WANT(F->C_GetSessionInfo(ro, NULL), CKR_ARGUMENTS_BAD);
	WANT(F->C_GetSessionInfo(ro, &info), CKR_OK);
	WANT(info.state, CKS_RO_PUBLIC_SESSION);
	WANT(F->C_GetSessionInfo(rw, &info), CKR_OK);
	WANT(info.state, CKS_RW_PUBLIC_SESSION);
	WANT(login(rw, CKU_SO, SO_PIN), CKR_SESSION_READ_ONLY_EXISTS);
	WANT(login(ro, CKU_USER, USER_PIN), CKR_OK);
	WANT(F->C_GetSessionInfo(ro, &info), CKR_OK);
	WANT(info.state, CKS_RO_USER_FUNCTIONS);
	WANT(F->C_GetSessionInfo(rw, &info), CKR_OK);
	WANT(info.state, CKS_RW_USER_FUNCTIONS);
	WANT(F->C_CloseSession(ro), CKR_OK);
	WANT(F->C_CloseSession(ro), CKR_SESSION_HANDLE_INVALID);
	WANT(F->C_CloseSession(rw), CKR_OK); /* the last one logs out */
	rw = open_rw(0);
	WANT(F->C_Logout(rw), CKR_USER_NOT_LOGGED_IN);
	WANT(login(rw, CKU_SO, SO_PIN), CKR_OK);
	WANT(F->C_GetSessionInfo(rw, &info), CKR_OK);
	WANT(info.state, CKS_RW_SO_FUNCTIONS);
	WANT(F->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL, &h), CKR_SESSION_READ_WRITE_SO_EXISTS);
	WANT(F->C_CloseAllSessions(0), CKR_OK);
	WANT(F->C_GetSessionInfo(rw, &info), CKR_SESSION_HANDLE_INVALID);
	WANT(F->C_CloseAllSessions(8), CKR_SLOT_ID_INVALID);
	stop();
}

void test_sessions(void)
{
	CK_SESSION_HANDLE h;
	int i;

	test_session_states();
	start();
	for (i = 0; i < 256; i++)
		open_ro(0);
	WANT(F->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL, &h), CKR_SESSION_COUNT);
	stop();
}
