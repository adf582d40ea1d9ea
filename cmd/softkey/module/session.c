/* Sessions. */
#include "softkey.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

static struct sk_session *sessions[SK_MAX_SESSIONS];
static CK_SESSION_HANDLE next_handle = 1; /* never given out twice in a process */

void sk_sign_clear(struct sk_sign *o)
{
	if (o->buf) {
		OPENSSL_cleanse(o->buf, o->n);
		free(o->buf);
	}
	memset(o, 0, sizeof *o);
}

static void end(size_t i)
{
	struct sk_session *ss = sessions[i];

	sessions[i] = NULL;
	sk_objects_drop(ss->slot, ss->h);
	sk_sign_clear(&ss->sign);
	EVP_MD_CTX_free(ss->digest);
	free(ss->found);
	free(ss);
}

void sk_sessions_end(struct sk_slot *s)
{
	size_t i;

	for (i = 0; i < SK_MAX_SESSIONS; i++)
		if (sessions[i] && (!s || sessions[i]->slot == s))
			end(i);
}

size_t sk_sessions_count(const struct sk_slot *s, int rw_only)
{
	size_t i, n = 0;

	for (i = 0; i < SK_MAX_SESSIONS; i++)
		if (sessions[i] && sessions[i]->slot == s && (!rw_only || sessions[i]->rw))
			n++;
	return n;
}

static size_t index_of(CK_SESSION_HANDLE h)
{
	size_t i;

	for (i = 0; i < SK_MAX_SESSIONS; i++)
		if (sessions[i] && sessions[i]->h == h)
			break;
	return i;
}

CK_RV sk_session(CK_SESSION_HANDLE h, struct sk_session **out)
{
	size_t i = index_of(h);

	if (i == SK_MAX_SESSIONS)
		return CKR_SESSION_HANDLE_INVALID;
	sk_slot_refresh(sessions[i]->slot); /* a removed key ends its sessions here */
	if (!sessions[i])
		return CKR_SESSION_HANDLE_INVALID;
	*out = sessions[i];
	return CKR_OK;
}

static CK_RV open_session(struct sk_slot *s, CK_FLAGS flags, CK_SESSION_HANDLE *h)
{
	size_t i = 0;
	struct sk_session *ss;
	int rw = (flags & CKF_RW_SESSION) != 0;

	if (!rw && s->user == (int)CKU_SO)
		return CKR_SESSION_READ_WRITE_SO_EXISTS;
	while (i < SK_MAX_SESSIONS && sessions[i])
		i++;
	if (i == SK_MAX_SESSIONS)
		return CKR_SESSION_COUNT;
	ss = calloc(1, sizeof *ss);
	if (!ss)
		return CKR_HOST_MEMORY;
	ss->h = next_handle++;
	ss->slot = s;
	ss->rw = rw;
	sessions[i] = ss;
	*h = ss->h;
	return CKR_OK;
}

CK_RV C_OpenSession(CK_SLOT_ID id, CK_FLAGS flags, void *app, CK_NOTIFY notify, CK_SESSION_HANDLE *h)
{
	struct sk_slot *s;
	CK_RV rv = sk_enter();

	(void)app;
	(void)notify;
	if (rv != CKR_OK)
		return sk_leave(rv);
	if (!h)
		return sk_leave(CKR_ARGUMENTS_BAD);
	if (!(flags & CKF_SERIAL_SESSION))
		return sk_leave(CKR_SESSION_PARALLEL_NOT_SUPPORTED);
	rv = sk_slot_token(id, &s);
	if (rv == CKR_OK)
		rv = sk_fault_at(s, "open");
	if (rv == CKR_OK && sk_slot_gone(s))
		rv = CKR_TOKEN_NOT_PRESENT;
	if (rv == CKR_OK)
		rv = open_session(s, flags, h);
	return sk_leave(rv);
}

CK_RV C_CloseSession(CK_SESSION_HANDLE h)
{
	struct sk_session *ss;
	struct sk_slot *s;
	CK_RV rv = sk_enter();

	if (rv != CKR_OK)
		return sk_leave(rv);
	rv = sk_session(h, &ss);
	if (rv != CKR_OK)
		return sk_leave(rv);
	s = ss->slot;
	end(index_of(h));
	if (sk_sessions_count(s, 0) == 0)
		s->user = -1;
	return sk_leave(CKR_OK);
}

CK_RV C_CloseAllSessions(CK_SLOT_ID id)
{
	struct sk_slot *s;
	CK_RV rv = sk_enter();

	if (rv != CKR_OK)
		return sk_leave(rv);
	s = sk_slot_find(id);
	if (!s)
		return sk_leave(CKR_SLOT_ID_INVALID);
	sk_slot_refresh(s);
	if (!s->present)
		return sk_leave(CKR_TOKEN_NOT_PRESENT);
	sk_sessions_end(s);
	s->user = -1;
	return sk_leave(CKR_OK);
}

static CK_STATE state(const struct sk_session *ss)
{
	if (ss->slot->user == (int)CKU_SO)
		return CKS_RW_SO_FUNCTIONS;
	if (ss->slot->user == (int)CKU_USER)
		return ss->rw ? CKS_RW_USER_FUNCTIONS : CKS_RO_USER_FUNCTIONS;
	return ss->rw ? CKS_RW_PUBLIC_SESSION : CKS_RO_PUBLIC_SESSION;
}

CK_RV C_GetSessionInfo(CK_SESSION_HANDLE h, CK_SESSION_INFO *info)
{
	struct sk_session *ss;
	CK_RV rv = sk_enter();

	if (rv != CKR_OK)
		return sk_leave(rv);
	rv = sk_session(h, &ss);
	if (rv == CKR_OK && !info)
		rv = CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK) {
		info->slotID = ss->slot->id;
		info->state = state(ss);
		info->flags = CKF_SERIAL_SESSION | (ss->rw ? CKF_RW_SESSION : 0);
		info->ulDeviceError = 0;
	}
	return sk_leave(rv);
}
