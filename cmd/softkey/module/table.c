/* The function table. Every entry is filled: what the training key cannot do says so. */
#include "softkey.h"

#define NOT_SUPPORTED(name, args) \
	CK_RV name args           \
	{                         \
		return CKR_FUNCTION_NOT_SUPPORTED; \
	}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"

typedef CK_SESSION_HANDLE S;
typedef CK_OBJECT_HANDLE O;
typedef CK_MECHANISM *M;
typedef CK_ATTRIBUTE *A;
typedef unsigned char *B;
typedef CK_ULONG N;

NOT_SUPPORTED(C_GetOperationState, (S s, B p, N *n))
NOT_SUPPORTED(C_SetOperationState, (S s, B p, N n, O e, O a))
NOT_SUPPORTED(C_CopyObject, (S s, O o, A t, N n, O *out))
NOT_SUPPORTED(C_EncryptInit, (S s, M m, O k))
NOT_SUPPORTED(C_Encrypt, (S s, B p, N n, B out, N *nout))
NOT_SUPPORTED(C_EncryptUpdate, (S s, B p, N n, B out, N *nout))
NOT_SUPPORTED(C_EncryptFinal, (S s, B out, N *nout))
NOT_SUPPORTED(C_DecryptInit, (S s, M m, O k))
NOT_SUPPORTED(C_Decrypt, (S s, B p, N n, B out, N *nout))
NOT_SUPPORTED(C_DecryptUpdate, (S s, B p, N n, B out, N *nout))
NOT_SUPPORTED(C_DecryptFinal, (S s, B out, N *nout))
NOT_SUPPORTED(C_DigestKey, (S s, O k))
NOT_SUPPORTED(C_SignRecoverInit, (S s, M m, O k))
NOT_SUPPORTED(C_SignRecover, (S s, B p, N n, B out, N *nout))
NOT_SUPPORTED(C_VerifyInit, (S s, M m, O k))
NOT_SUPPORTED(C_Verify, (S s, B p, N n, B sig, N nsig))
NOT_SUPPORTED(C_VerifyUpdate, (S s, B p, N n))
NOT_SUPPORTED(C_VerifyFinal, (S s, B sig, N nsig))
NOT_SUPPORTED(C_VerifyRecoverInit, (S s, M m, O k))
NOT_SUPPORTED(C_VerifyRecover, (S s, B sig, N nsig, B out, N *nout))
NOT_SUPPORTED(C_DigestEncryptUpdate, (S s, B p, N n, B out, N *nout))
NOT_SUPPORTED(C_DecryptDigestUpdate, (S s, B p, N n, B out, N *nout))
NOT_SUPPORTED(C_SignEncryptUpdate, (S s, B p, N n, B out, N *nout))
NOT_SUPPORTED(C_DecryptVerifyUpdate, (S s, B p, N n, B out, N *nout))
NOT_SUPPORTED(C_GenerateKey, (S s, M m, A t, N n, O *out))
NOT_SUPPORTED(C_WrapKey, (S s, M m, O w, O k, B out, N *nout))
NOT_SUPPORTED(C_UnwrapKey, (S s, M m, O w, B p, N n, A t, N nt, O *out))
NOT_SUPPORTED(C_DeriveKey, (S s, M m, O k, A t, N n, O *out))

CK_RV C_GetFunctionStatus(S s)
{
	return CKR_FUNCTION_NOT_PARALLEL;
}

CK_RV C_CancelFunction(S s)
{
	return CKR_FUNCTION_NOT_PARALLEL;
}

#pragma GCC diagnostic pop

static CK_FUNCTION_LIST table = {
	{ 2, 40 },
	C_Initialize,
	C_Finalize,
	C_GetInfo,
	C_GetFunctionList,
	C_GetSlotList,
	C_GetSlotInfo,
	C_GetTokenInfo,
	C_GetMechanismList,
	C_GetMechanismInfo,
	C_InitToken,
	C_InitPIN,
	C_SetPIN,
	C_OpenSession,
	C_CloseSession,
	C_CloseAllSessions,
	C_GetSessionInfo,
	C_GetOperationState,
	C_SetOperationState,
	C_Login,
	C_Logout,
	C_CreateObject,
	C_CopyObject,
	C_DestroyObject,
	C_GetObjectSize,
	C_GetAttributeValue,
	C_SetAttributeValue,
	C_FindObjectsInit,
	C_FindObjects,
	C_FindObjectsFinal,
	C_EncryptInit,
	C_Encrypt,
	C_EncryptUpdate,
	C_EncryptFinal,
	C_DecryptInit,
	C_Decrypt,
	C_DecryptUpdate,
	C_DecryptFinal,
	C_DigestInit,
	C_Digest,
	C_DigestUpdate,
	C_DigestKey,
	C_DigestFinal,
	C_SignInit,
	C_Sign,
	C_SignUpdate,
	C_SignFinal,
	C_SignRecoverInit,
	C_SignRecover,
	C_VerifyInit,
	C_Verify,
	C_VerifyUpdate,
	C_VerifyFinal,
	C_VerifyRecoverInit,
	C_VerifyRecover,
	C_DigestEncryptUpdate,
	C_DecryptDigestUpdate,
	C_SignEncryptUpdate,
	C_DecryptVerifyUpdate,
	C_GenerateKey,
	C_GenerateKeyPair,
	C_WrapKey,
	C_UnwrapKey,
	C_DeriveKey,
	C_SeedRandom,
	C_GenerateRandom,
	C_GetFunctionStatus,
	C_CancelFunction,
	C_WaitForSlotEvent,
};

__attribute__((visibility("default"))) CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list)
{
	if (!list)
		return CKR_ARGUMENTS_BAD;
	*list = &table;
	return CKR_OK;
}
