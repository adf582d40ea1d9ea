/* PINs: login, change, unblocking by the SO, initialisation. The counter is written before a PIN
 * is compared, so that pulling the key in between wins nothing. */
#define _GNU_SOURCE
#include "softkey.h"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <openssl/crypto.h>

/* Two processes must not both use the last try. */
static int lock(const struct sk_slot *s)
{
	int fd = open(s->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0 && flock(fd, LOCK_EX) != 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static int same(const struct sk_secret *want, const unsigned char *pin, size_t n)
{
	return want->n == n && CRYPTO_memcmp(want->pin, pin, n) == 0;
}

/* Waits for the person at the PIN pad of the key. */
static CK_RV wait_pad(const struct sk_slot *s, const struct sk_pins *p)
{
	long left = p->pad_delay;

	while (left > 0) {
		sk_sleep(left < 20 ? left : 20);
		left -= 20;
		if (sk_slot_gone(s))
			return CKR_DEVICE_REMOVED;
	}
	return p->pad == PAD_CANCEL ? CKR_FUNCTION_CANCELED : CKR_OK;
}

static CK_RV compare(struct sk_slot *s, struct sk_pins *p, int so, const unsigned char *pin, size_t n)
{
	struct sk_secret *want = so ? &p->so : &p->user;
	CK_RV rv;
	int ok;

	if (want->n == 0)
		return CKR_USER_PIN_NOT_INITIALIZED;
	if (want->left <= 0)
		return CKR_PIN_LOCKED;
	if (s->token.is_protected) {
		rv = wait_pad(s, p);
		if (rv != CKR_OK)
			return rv;
	}
	want->left--;
	rv = sk_pins_save(s, p);
	if (rv != CKR_OK)
		return rv;
	ok = s->token.is_protected ? p->pad == PAD_ACCEPT : same(want, pin, n);
	if (!ok)
		return CKR_PIN_INCORRECT;
	want->left = want->max;
	return sk_pins_save(s, p);
}

/* CKR_PIN_EXPIRED: the PIN is right and must be changed first. */
static CK_RV check(struct sk_slot *s, int so, const unsigned char *pin, size_t n, int *expired)
{
	struct sk_pins p;
	CK_RV rv;
	int fd;

	if (s->token.is_protected ? pin != NULL : pin == NULL)
		return CKR_ARGUMENTS_BAD;
	fd = lock(s);
	if (fd < 0)
		return CKR_DEVICE_ERROR;
	rv = sk_pins_load(s, &p);
	if (rv == CKR_OK)
		rv = compare(s, &p, so, pin, n);
	*expired = rv == CKR_OK && !so && p.to_be_changed;
	OPENSSL_cleanse(&p, sizeof p);
	close(fd);
	return rv;
}

CK_RV sk_pin_check(struct sk_slot *s, int so, const unsigned char *pin, size_t n)
{
	int expired = 0;
	CK_RV rv = check(s, so, pin, n, &expired);

	return rv == CKR_OK && expired ? CKR_PIN_EXPIRED : rv;
}

CK_RV sk_pin_set(struct sk_slot *s, int so, const unsigned char *pin, size_t n)
{
	struct sk_secret *to;
	struct sk_pins p;
	CK_RV rv;
	int fd;

	if (!pin || n < s->token.pin_min || n > s->token.pin_max || n > SK_MAX_PIN || n == 0)
		return pin ? CKR_PIN_LEN_RANGE : CKR_ARGUMENTS_BAD;
	fd = lock(s);
	if (fd < 0)
		return CKR_DEVICE_ERROR;
	rv = sk_pins_load(s, &p);
	if (rv == CKR_OK) {
		to = so ? &p.so : &p.user;
		memcpy(to->pin, pin, n);
		to->n = n;
		if (to->max < 1)
			to->max = 6;
		to->left = to->max;
		if (!so)
			p.to_be_changed = 0;
		rv = sk_pins_save(s, &p);
	}
	OPENSSL_cleanse(&p, sizeof p);
	close(fd);
	return rv;
}

static CK_RV login_again(struct sk_session *ss, const unsigned char *pin, size_t n)
{
	CK_RV rv;

	if (!ss->sign.active)
		return CKR_OPERATION_NOT_INITIALIZED;
	rv = sk_pin_check(ss->slot, 0, pin, n);
	if (rv == CKR_OK)
		ss->sign.authed = 1;
	return rv;
}

static CK_RV login(struct sk_session *ss, CK_USER_TYPE who, const unsigned char *pin, size_t n)
{
	struct sk_slot *s = ss->slot;
	CK_RV rv;

	if (who == CKU_CONTEXT_SPECIFIC)
		return login_again(ss, pin, n);
	if (who != CKU_SO && who != CKU_USER)
		return CKR_USER_TYPE_INVALID;
	if (s->user == (int)who)
		return CKR_USER_ALREADY_LOGGED_IN;
	if (s->user >= 0)
		return CKR_USER_ANOTHER_ALREADY_LOGGED_IN;
	if (who == CKU_SO && sk_sessions_count(s, 0) != sk_sessions_count(s, 1))
		return CKR_SESSION_READ_ONLY_EXISTS;
	rv = sk_pin_check(s, who == CKU_SO, pin, n);
	if (rv == CKR_OK)
		s->user = (int)who;
	return rv;
}

CK_RV C_Login(CK_SESSION_HANDLE h, CK_USER_TYPE who, unsigned char *pin, CK_ULONG n)
{
	struct sk_session *ss;
	CK_RV rv = sk_enter();

	if (rv != CKR_OK)
		return sk_leave(rv);
	rv = sk_session(h, &ss);
	if (rv == CKR_OK)
		rv = sk_fault_at(ss->slot, "login");
	if (rv == CKR_OK && sk_slot_gone(ss->slot))
		rv = CKR_DEVICE_REMOVED;
	if (rv == CKR_OK)
		rv = login(ss, who, pin, n);
	return sk_leave(rv);
}

CK_RV C_Logout(CK_SESSION_HANDLE h)
{
	struct sk_session *ss;
	CK_RV rv = sk_enter();

	if (rv != CKR_OK)
		return sk_leave(rv);
	rv = sk_session(h, &ss);
	if (rv == CKR_OK && ss->slot->user < 0)
		rv = CKR_USER_NOT_LOGGED_IN;
	if (rv == CKR_OK)
		ss->slot->user = -1;
	return sk_leave(rv);
}

CK_RV C_InitPIN(CK_SESSION_HANDLE h, unsigned char *pin, CK_ULONG n)
{
	struct sk_session *ss;
	CK_RV rv = sk_enter();

	if (rv != CKR_OK)
		return sk_leave(rv);
	rv = sk_session(h, &ss);
	if (rv == CKR_OK && ss->slot->user != (int)CKU_SO)
		rv = CKR_USER_NOT_LOGGED_IN;
	if (rv == CKR_OK)
		rv = sk_pin_set(ss->slot, 0, pin, n);
	return sk_leave(rv);
}

/* On a protected path the person keeps or changes the PIN at the key; the module only confirms. */
static CK_RV change_at_pad(struct sk_slot *s, int so)
{
	struct sk_pins p;
	CK_RV rv;
	int expired, fd;

	rv = check(s, so, NULL, 0, &expired);
	if (rv != CKR_OK || so)
		return rv;
	fd = lock(s);
	if (fd < 0)
		return CKR_DEVICE_ERROR;
	rv = sk_pins_load(s, &p);
	if (rv == CKR_OK) {
		p.to_be_changed = 0;
		rv = sk_pins_save(s, &p);
	}
	OPENSSL_cleanse(&p, sizeof p);
	close(fd);
	return rv;
}

static CK_RV set_pin(struct sk_session *ss, const unsigned char *old, size_t nold,
		     const unsigned char *new, size_t nnew)
{
	struct sk_slot *s = ss->slot;
	int so = s->user == (int)CKU_SO, expired;
	CK_RV rv;

	if (!ss->rw)
		return CKR_SESSION_READ_ONLY;
	if (s->token.is_protected)
		return old || new ? CKR_ARGUMENTS_BAD : change_at_pad(s, so);
	if (!old || !new)
		return CKR_ARGUMENTS_BAD;
	if (nnew < s->token.pin_min || nnew > s->token.pin_max)
		return CKR_PIN_LEN_RANGE;
	rv = check(s, so, old, nold, &expired);
	return rv == CKR_OK ? sk_pin_set(s, so, new, nnew) : rv;
}

CK_RV C_SetPIN(CK_SESSION_HANDLE h, unsigned char *old, CK_ULONG nold, unsigned char *new, CK_ULONG nnew)
{
	struct sk_session *ss;
	CK_RV rv = sk_enter();

	if (rv != CKR_OK)
		return sk_leave(rv);
	rv = sk_session(h, &ss);
	if (rv == CKR_OK)
		rv = set_pin(ss, old, nold, new, nnew);
	return sk_leave(rv);
}

static CK_RV forget_user(struct sk_slot *s)
{
	struct sk_pins p;
	int fd = lock(s);
	CK_RV rv;

	if (fd < 0)
		return CKR_DEVICE_ERROR;
	rv = sk_pins_load(s, &p);
	if (rv == CKR_OK) {
		OPENSSL_cleanse(p.user.pin, sizeof p.user.pin);
		p.user.n = 0;
		p.user.left = p.user.max;
		p.to_be_changed = 0;
		rv = sk_pins_save(s, &p);
	}
	OPENSSL_cleanse(&p, sizeof p);
	close(fd);
	return rv;
}

static CK_RV init_token(struct sk_slot *s, const unsigned char *pin, size_t n, const unsigned char label[32])
{
	CK_RV rv;
	int fresh = 0;

	if (sk_sessions_count(s, 0) > 0)
		return CKR_SESSION_EXISTS;
	rv = sk_pin_check(s, 1, pin, n);
	if (rv == CKR_USER_PIN_NOT_INITIALIZED) { /* a blank token: the PIN given becomes the SO PIN */
		fresh = 1;
		rv = CKR_OK;
	}
	if (rv == CKR_OK && fresh)
		rv = sk_pin_set(s, 1, pin, n);
	if (rv == CKR_OK)
		rv = sk_objects_erase(s);
	if (rv == CKR_OK)
		rv = forget_user(s);
	if (rv == CKR_OK)
		rv = sk_token_save_label(s, label);
	return rv == CKR_OK ? sk_token_load(s) : rv;
}

CK_RV C_InitToken(CK_SLOT_ID id, unsigned char *pin, CK_ULONG n, unsigned char *label)
{
	struct sk_slot *s;
	CK_RV rv = sk_enter();

	if (rv != CKR_OK)
		return sk_leave(rv);
	rv = label ? sk_slot_token(id, &s) : CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK)
		rv = init_token(s, pin, n, label);
	return sk_leave(rv);
}
