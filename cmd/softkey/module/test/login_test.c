/* PINs and their counters, InitToken. */
#define _GNU_SOURCE
#include "driver.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define B(s) ((unsigned char *)(s))

static void test_counters(void)
{
	CK_SESSION_HANDLE h;
	CK_FLAGS all = CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_LOCKED;

	start();
	h = open_rw(0);
	WANT(F->C_Login(h, CKU_USER, NULL, 0), CKR_ARGUMENTS_BAD);
	WANT(login(h, 9, USER_PIN), CKR_USER_TYPE_INVALID);
	WANT(login(h + 99, CKU_USER, USER_PIN), CKR_SESSION_HANDLE_INVALID);
	WANT(login(h, CKU_CONTEXT_SPECIFIC, USER_PIN), CKR_OPERATION_NOT_INITIALIZED);
	WANT(token_flags(0) & all, 0);
	WANT(login(h, CKU_USER, "111111"), CKR_PIN_INCORRECT);
	WANT(token_flags(0) & all, CKF_USER_PIN_COUNT_LOW);
	WANT(login(h, CKU_USER, "1"), CKR_PIN_INCORRECT);
	WANT(token_flags(0) & all, CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY);
	WANT(login(h, CKU_USER, USER_PIN), CKR_OK);
	WANT(token_flags(0) & all, 0);
	WANT(login(h, CKU_USER, USER_PIN), CKR_USER_ALREADY_LOGGED_IN);
	WANT(login(h, CKU_SO, SO_PIN), CKR_USER_ANOTHER_ALREADY_LOGGED_IN);
	WANT(F->C_Logout(h), CKR_OK);
	WANT(F->C_Logout(h), CKR_USER_NOT_LOGGED_IN);
	stop();
}

/* The counter outlives the process: it is on disk. */
static void test_locked(void)
{
	CK_SESSION_HANDLE h;
	int i;

	for (i = 0; i < 3; i++) {
		start();
		h = open_rw(0);
		WANT(login(h, CKU_USER, "000000"), CKR_PIN_INCORRECT);
		stop();
	}
	start();
	h = open_rw(0);
	TRUE_(token_flags(0) & CKF_USER_PIN_LOCKED);
	WANT(login(h, CKU_USER, USER_PIN), CKR_PIN_LOCKED);
	WANT(F->C_SetPIN(h, B(USER_PIN), 6, B("222222"), 6), CKR_PIN_LOCKED);
	WANT(F->C_InitPIN(h, B("222222"), 6), CKR_USER_NOT_LOGGED_IN);
	WANT(login(h, CKU_SO, "00000000"), CKR_PIN_INCORRECT);
	TRUE_(token_flags(0) & CKF_SO_PIN_COUNT_LOW);
	WANT(login(h, CKU_SO, SO_PIN), CKR_OK);
	WANT(F->C_InitPIN(h, B("1"), 1), CKR_PIN_LEN_RANGE);
	WANT(F->C_InitPIN(h, NULL, 0), CKR_ARGUMENTS_BAD);
	WANT(F->C_InitPIN(h, B(USER_PIN), 6), CKR_OK); /* unblocked */
	WANT(F->C_Logout(h), CKR_OK);
	WANT(login(h, CKU_USER, USER_PIN), CKR_OK);
	stop();
}

static void test_set_pin(void)
{
	CK_SESSION_HANDLE h, ro;

	start();
	ro = open_ro(0);
	WANT(F->C_SetPIN(ro, B(USER_PIN), 6, B("222222"), 6), CKR_SESSION_READ_ONLY);
	h = open_rw(0);
	WANT(F->C_SetPIN(h, NULL, 0, B("222222"), 6), CKR_ARGUMENTS_BAD);
	WANT(F->C_SetPIN(h, B("999999"), 6, B("222222"), 6), CKR_PIN_INCORRECT);
	WANT(F->C_SetPIN(h, B(USER_PIN), 6, B("2"), 1), CKR_PIN_LEN_RANGE);
	WANT(F->C_SetPIN(h, B(USER_PIN), 6, B("22222222222222222"), 17), CKR_PIN_LEN_RANGE);
	WANT(F->C_SetPIN(h, B(USER_PIN), 6, B("222222"), 6), CKR_OK);
	WANT(login(h, CKU_USER, USER_PIN), CKR_PIN_INCORRECT);
	WANT(login(h, CKU_USER, "222222"), CKR_OK);
	WANT(F->C_SetPIN(h, B("222222"), 6, B(USER_PIN), 6), CKR_OK);
	stop();
}

static void test_to_be_changed(void)
{
	CK_SESSION_HANDLE h;

	replace_line("slot0/pin", "to-be-changed", "to-be-changed = yes");
	start();
	h = open_rw(0);
	TRUE_(token_flags(0) & CKF_USER_PIN_TO_BE_CHANGED);
	WANT(login(h, CKU_USER, "111111"), CKR_PIN_INCORRECT);
	WANT(login(h, CKU_USER, USER_PIN), CKR_PIN_EXPIRED);
	WANT(find(h, CKO_PRIVATE_KEY, NULL), 0);
	WANT(F->C_SetPIN(h, B(USER_PIN), 6, B("222222"), 6), CKR_OK);
	WANT(token_flags(0) & CKF_USER_PIN_TO_BE_CHANGED, 0);
	WANT(login(h, CKU_USER, "222222"), CKR_OK);
	WANT(F->C_SetPIN(h, B("222222"), 6, B(USER_PIN), 6), CKR_OK);
	stop();
}

static void test_protected_path(void)
{
	struct timespec a, b;
	CK_SESSION_HANDLE h;

	replace_line("slot1/token.ini", "protected", "protected = yes");
	start();
	h = open_rw(1);
	TRUE_(token_flags(1) & CKF_PROTECTED_AUTHENTICATION_PATH);
	WANT(login(h, CKU_USER, USER_PIN), CKR_ARGUMENTS_BAD);
	replace_line("slot1/pin", "pad", "pad = cancel");
	WANT(F->C_Login(h, CKU_USER, NULL, 0), CKR_FUNCTION_CANCELED);
	WANT(token_flags(1) & CKF_USER_PIN_COUNT_LOW, 0);
	replace_line("slot1/pin", "pad", "pad = wrong");
	WANT(F->C_Login(h, CKU_USER, NULL, 0), CKR_PIN_INCORRECT);
	TRUE_(token_flags(1) & CKF_USER_PIN_COUNT_LOW);
	replace_line("slot1/pin", "pad", "pad = accept\npad-delay = 60");
	clock_gettime(CLOCK_MONOTONIC, &a);
	WANT(F->C_Login(h, CKU_USER, NULL, 0), CKR_OK);
	clock_gettime(CLOCK_MONOTONIC, &b);
	TRUE_((b.tv_sec - a.tv_sec) * 1000 + (b.tv_nsec - a.tv_nsec) / 1000000 >= 55);
	WANT(F->C_SetPIN(h, NULL, 0, NULL, 0), CKR_OK);
	stop();
	replace_line("slot1/pin", "pad", "pad = accept\npad-delay = 0");
	replace_line("slot1/token.ini", "protected", "protected = no");
}

void test_login(void)
{
	test_counters();
	test_locked();
	test_set_pin();
	test_to_be_changed();
	test_protected_path();
}

/* The settings beside the label stay: "labels" names the character set of the profile. */
static void keeps_settings(void)
{
	size_t n;
	char *text = (char *)get_file("slot0/token.ini", &n);

	TRUE_(text && strstr(text, "\nlabels = "));
	TRUE_(text && strstr(text, "\nprofile = "));
	TRUE_(text && !strstr(text, "\nlabel = "));
	free(text);
}

/* Last of all: it empties slot0. */
void test_init_token(void)
{
	unsigned char label[32];
	CK_SESSION_HANDLE h;
	CK_TOKEN_INFO info;

	memset(label, ' ', sizeof label);
	memcpy(label, "fresh", 5);
	start();
	h = open_rw(0);
	WANT(F->C_InitToken(0, B(SO_PIN), 8, label), CKR_SESSION_EXISTS);
	WANT(F->C_CloseSession(h), CKR_OK);
	WANT(F->C_InitToken(0, B(SO_PIN), 8, NULL), CKR_ARGUMENTS_BAD);
	WANT(F->C_InitToken(0, B("00000000"), 8, label), CKR_PIN_INCORRECT);
	WANT(F->C_InitToken(0, B(SO_PIN), 8, label), CKR_OK);
	WANT(F->C_GetTokenInfo(0, &info), CKR_OK);
	TRUE_(memcmp(info.label, "TRAINING KEY fresh  ", 20) == 0);
	keeps_settings();
	WANT(info.flags & CKF_USER_PIN_INITIALIZED, 0);
	h = open_rw(0);
	WANT(find(h, CKO_CERTIFICATE, NULL), 0);
	WANT(login(h, CKU_USER, USER_PIN), CKR_USER_PIN_NOT_INITIALIZED);
	WANT(login(h, CKU_SO, SO_PIN), CKR_OK);
	WANT(F->C_InitPIN(h, B("222222"), 6), CKR_OK);
	WANT(F->C_Logout(h), CKR_OK);
	WANT(login(h, CKU_USER, "222222"), CKR_OK);
	WANT(find(h, CKO_PRIVATE_KEY, NULL), 0);
	stop();
}
