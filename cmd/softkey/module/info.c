/* What there is: slots, tokens, mechanisms. */
#include "softkey.h"

#include <string.h>

#include <openssl/crypto.h>

static CK_ULONG list_slots(int present_only, CK_SLOT_ID out[SK_MAX_SLOTS])
{
	struct sk_slot *s;
	CK_ULONG n = 0;
	size_t i;

	for (i = 0; i < SK_MAX_SLOTS; i++) {
		s = sk_slot_at(i);
		if (!s)
			continue;
		sk_slot_refresh(s);
		if (!present_only || s->present)
			out[n++] = s->id;
	}
	return n;
}

static CK_RV slots_fault(void)
{
	CK_RV rv = CKR_OK;
	size_t i;

	for (i = 0; i < SK_MAX_SLOTS && rv == CKR_OK; i++)
		if (sk_slot_at(i))
			rv = sk_fault_at(sk_slot_at(i), "slots");
	return rv;
}

CK_RV C_GetSlotList(CK_BBOOL present, CK_SLOT_ID *out, CK_ULONG *count)
{
	CK_SLOT_ID all[SK_MAX_SLOTS];
	CK_ULONG n, room;
	CK_RV rv = sk_enter();

	if (rv == CKR_OK && !count)
		rv = CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK)
		rv = slots_fault();
	if (rv != CKR_OK)
		return sk_leave(rv);
	if (!out)
		sk_slots_scan();
	n = list_slots(present != CK_FALSE, all);
	room = *count;
	*count = n;
	if (!out)
		return sk_leave(CKR_OK);
	if (room < n)
		return sk_leave(CKR_BUFFER_TOO_SMALL);
	memcpy(out, all, n * sizeof *out);
	return sk_leave(CKR_OK);
}

CK_RV C_GetSlotInfo(CK_SLOT_ID id, CK_SLOT_INFO *info)
{
	char text[] = "sealdesk softkey slot 00";
	struct sk_slot *s;
	CK_RV rv = sk_enter();

	if (rv == CKR_OK && !info)
		rv = CKR_ARGUMENTS_BAD;
	if (rv != CKR_OK)
		return sk_leave(rv);
	s = sk_slot_find(id);
	if (!s)
		return sk_leave(CKR_SLOT_ID_INVALID);
	sk_slot_refresh(s);
	memset(info, 0, sizeof *info);
	text[sizeof text - 3] = (char)('0' + id / 10);
	text[sizeof text - 2] = (char)('0' + id % 10);
	sk_pad(info->slotDescription, sizeof info->slotDescription, text, sizeof text - 1, ' ');
	sk_pad(info->manufacturerID, sizeof info->manufacturerID, "TRAINING KEY", 12, ' ');
	info->flags = CKF_REMOVABLE_DEVICE | (s->present ? CKF_TOKEN_PRESENT : 0);
	info->firmwareVersion.major = 1;
	return sk_leave(CKR_OK);
}

static CK_FLAGS pin_flags(const struct sk_slot *s, const struct sk_pins *p)
{
	CK_FLAGS f = 0;

	if (s->token.hide_pin_flags)
		return 0;
	if (p->user.n && p->user.left <= 0)
		f |= CKF_USER_PIN_LOCKED;
	else if (p->user.n && p->user.left < p->user.max)
		f |= CKF_USER_PIN_COUNT_LOW;
	if (p->user.n && p->user.left == 1)
		f |= CKF_USER_PIN_FINAL_TRY;
	if (p->user.n && p->to_be_changed)
		f |= CKF_USER_PIN_TO_BE_CHANGED;
	if (p->so.n && p->so.left <= 0)
		f |= CKF_SO_PIN_LOCKED;
	else if (p->so.n && p->so.left < p->so.max)
		f |= CKF_SO_PIN_COUNT_LOW;
	if (p->so.n && p->so.left == 1)
		f |= CKF_SO_PIN_FINAL_TRY;
	return f;
}

static void fill_token_info(const struct sk_slot *s, const struct sk_pins *p, CK_TOKEN_INFO *info)
{
	const struct sk_token *t = &s->token;

	memset(info, 0, sizeof *info);
	memcpy(info->label, t->label, sizeof info->label);
	memcpy(info->manufacturerID, t->manufacturer, sizeof info->manufacturerID);
	memcpy(info->model, t->model, sizeof info->model);
	memcpy(info->serialNumber, t->serial, sizeof info->serialNumber);
	info->flags = CKF_RNG | CKF_LOGIN_REQUIRED | pin_flags(s, p);
	if (t->initialized)
		info->flags |= CKF_TOKEN_INITIALIZED;
	if (p->user.n)
		info->flags |= CKF_USER_PIN_INITIALIZED;
	if (t->is_protected)
		info->flags |= CKF_PROTECTED_AUTHENTICATION_PATH;
	info->ulMaxSessionCount = info->ulMaxRwSessionCount = SK_MAX_SESSIONS;
	info->ulSessionCount = sk_sessions_count(s, 0);
	info->ulRwSessionCount = sk_sessions_count(s, 1);
	info->ulMinPinLen = t->pin_min;
	info->ulMaxPinLen = t->pin_max;
	info->ulTotalPublicMemory = info->ulFreePublicMemory = CK_UNAVAILABLE_INFORMATION;
	info->ulTotalPrivateMemory = info->ulFreePrivateMemory = CK_UNAVAILABLE_INFORMATION;
	info->hardwareVersion.major = 1;
	info->firmwareVersion = t->firmware;
	sk_pad(info->utcTime, sizeof info->utcTime, "", 0, ' ');
}

CK_RV C_GetTokenInfo(CK_SLOT_ID id, CK_TOKEN_INFO *info)
{
	struct sk_slot *s;
	struct sk_pins p;
	CK_RV rv = sk_enter();

	if (rv == CKR_OK && !info)
		rv = CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK)
		rv = sk_slot_token(id, &s);
	if (rv == CKR_OK)
		rv = sk_fault_at(s, "info");
	if (rv == CKR_OK)
		rv = sk_pins_load(s, &p);
	if (rv == CKR_OK)
		fill_token_info(s, &p, info);
	OPENSSL_cleanse(&p, sizeof p);
	return sk_leave(rv);
}

static CK_ULONG list_mechs(const struct sk_token *t, CK_MECHANISM_TYPE out[SK_MAX_MECHS + 2])
{
	CK_ULONG n = 0;
	size_t i;

	if (t->empty_list)
		return 0;
	if (t->key_gen)
		out[n++] = t->key_gen;
	for (i = 0; i < t->nsign; i++)
		out[n++] = t->sign[i].type;
	if (t->digest)
		out[n++] = t->digest;
	return n;
}

CK_RV C_GetMechanismList(CK_SLOT_ID id, CK_MECHANISM_TYPE *out, CK_ULONG *count)
{
	CK_MECHANISM_TYPE all[SK_MAX_MECHS + 2];
	struct sk_slot *s;
	CK_ULONG n, room;
	CK_RV rv = sk_enter();

	if (rv == CKR_OK && !count)
		rv = CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK)
		rv = sk_slot_token(id, &s);
	if (rv != CKR_OK)
		return sk_leave(rv);
	n = list_mechs(&s->token, all);
	room = *count;
	*count = n;
	if (!out)
		return sk_leave(CKR_OK);
	if (room < n)
		return sk_leave(CKR_BUFFER_TOO_SMALL);
	memcpy(out, all, n * sizeof *out);
	return sk_leave(CKR_OK);
}

CK_RV C_GetMechanismInfo(CK_SLOT_ID id, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO *info)
{
	struct sk_slot *s;
	CK_RV rv = sk_enter();

	if (rv == CKR_OK && !info)
		rv = CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK)
		rv = sk_slot_token(id, &s);
	if (rv != CKR_OK)
		return sk_leave(rv);
	info->ulMinKeySize = info->ulMaxKeySize = 256;
	if (type != 0 && type == s->token.key_gen) {
		info->flags = CKF_GENERATE_KEY_PAIR;
	} else if (type != 0 && type == s->token.digest) {
		info->ulMinKeySize = info->ulMaxKeySize = 0;
		info->flags = CKF_DIGEST;
	} else if (sk_mech_find(&s->token, type)) {
		info->flags = CKF_SIGN;
	} else {
		rv = CKR_MECHANISM_INVALID;
	}
	return sk_leave(rv);
}
