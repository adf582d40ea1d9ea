/* Hot plug, slot events, damaged stores. */
#define _GNU_SOURCE
#include "driver.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void test_removal(void)
{
	CK_SESSION_HANDLE h, other;
	CK_OBJECT_HANDLE key;
	CK_SESSION_INFO info;
	CK_ULONG n = 0;

	start();
	h = logged_in(0);
	other = logged_in(1);
	find(h, CKO_PRIVATE_KEY, &key);
	WANT(sign_init(h, MECH_E_RAW, key), CKR_OK);
	pull(0);
	WANT(F->C_Sign(h, NULL, 0, NULL, &n), CKR_SESSION_HANDLE_INVALID);
	WANT(F->C_GetSessionInfo(h, &info), CKR_SESSION_HANDLE_INVALID);
	WANT(F->C_FindObjectsInit(h, NULL, 0), CKR_SESSION_HANDLE_INVALID);
	WANT(F->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL, &h), CKR_TOKEN_NOT_PRESENT);
	WANT(F->C_CloseAllSessions(0), CKR_TOKEN_NOT_PRESENT);
	WANT(F->C_GetMechanismList(0, NULL, &n), CKR_TOKEN_NOT_PRESENT);
	WANT(F->C_GetSessionInfo(other, &info), CKR_OK); /* the other key stays */
	plug(0);
	h = open_rw(0);
	WANT(F->C_Logout(h), CKR_USER_NOT_LOGGED_IN); /* login is lost */
	WANT(F->C_GetObjectSize(h, key, &n), CKR_OBJECT_HANDLE_INVALID); /* handles are void */
	pull(0);
	plug(0); /* out and in between two calls */
	WANT(F->C_GetSessionInfo(h, &info), CKR_SESSION_HANDLE_INVALID);
	stop();
}

static void *wait_event(void *arg)
{
	CK_SLOT_ID *slot = arg;

	return (void *)(uintptr_t)F->C_WaitForSlotEvent(0, slot, NULL);
}

static void test_events(void)
{
	CK_SLOT_ID slot = 99;
	pthread_t thread;
	void *rv;

	start();
	WANT(F->C_WaitForSlotEvent(CKF_DONT_BLOCK, NULL, NULL), CKR_ARGUMENTS_BAD);
	WANT(F->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, NULL), CKR_NO_EVENT);
	pull(1);
	WANT(F->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, NULL), CKR_OK);
	WANT(slot, 1);
	WANT(F->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, NULL), CKR_NO_EVENT);
	if (pthread_create(&thread, NULL, wait_event, &slot) != 0)
		abort();
	usleep(60000);
	plug(1);
	pthread_join(thread, &rv);
	WANT((CK_RV)(uintptr_t)rv, CKR_OK);
	WANT(slot, 1);
	if (pthread_create(&thread, NULL, wait_event, &slot) != 0)
		abort();
	usleep(60000);
	stop();
	pthread_join(thread, &rv);
	WANT((CK_RV)(uintptr_t)rv, CKR_CRYPTOKI_NOT_INITIALIZED);
}

void test_hot_plug(void)
{
	test_removal();
	test_events();
}

/* Damage ----------------------------------------------------------------------------------- */

static uint32_t seed = 20260101;

static uint32_t dice(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return n ? (seed >> 8) % n : 0;
}

/* Uses everything that can be reached; nothing is expected but an answer. */
static void use_all(void)
{
	unsigned char e[32] = { 1 }, buf[2048], value[4096];
	CK_OBJECT_HANDLE o[32], key;
	CK_SESSION_HANDLE h;
	CK_TOKEN_INFO info;
	CK_MECHANISM_TYPE mech[64];
	CK_ULONG n, i, m = 64;

	if (F->C_Initialize(NULL) != CKR_OK)
		return;
	F->C_GetTokenInfo(0, &info);
	if (F->C_OpenSession(0, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &h) == CKR_OK) {
		F->C_Login(h, CKU_USER, (unsigned char *)USER_PIN, 6);
		n = 0;
		if (F->C_FindObjectsInit(h, NULL, 0) == CKR_OK)
			F->C_FindObjects(h, o, 32, &n);
		for (i = 0; i < n; i++) {
			CK_ATTRIBUTE t[5] = { { CKA_CLASS, value, sizeof value }, { CKA_LABEL, value, sizeof value },
					      { CKA_VALUE, value, sizeof value }, { CKA_EC_POINT, value, sizeof value },
					      { CKA_ID, value, sizeof value } };

			F->C_GetAttributeValue(h, o[i], t, 5);
		}
		F->C_FindObjectsFinal(h);
		key = n ? o[n - 1] : 0;
		if (F->C_GetMechanismList(0, mech, &m) == CKR_OK && m > 0)
			for (i = 0; i < n; i++)
				if (sign_init(h, mech[dice((uint32_t)m)], o[i]) == CKR_OK) {
					CK_ULONG len = sizeof buf;

					F->C_Sign(h, e, sizeof e, buf, &len);
				}
		F->C_GetObjectSize(h, key, &n);
	}
	checks++;
	F->C_Finalize(NULL);
}

static size_t damage(unsigned char *p, size_t n)
{
	uint32_t i, times = 1 + dice(4);

	switch (dice(4)) {
	case 0:
		return dice((uint32_t)n + 1); /* cut */
	case 1:
		for (i = 0; i < times && n; i++)
			p[dice((uint32_t)n)] = (unsigned char)dice(256);
		return n;
	case 2: { /* repeat the beginning */
		size_t more = dice((uint32_t)n + 1);

		memmove(p + n, p, more);
		return n + more;
	}
	default: /* swap a character for a likely one */
		for (i = 0; i < times && n; i++)
			p[dice((uint32_t)n)] = (unsigned char)"=\n 0x-#:f\0"[dice(10)];
		return n;
	}
}

static void damage_file(const char *name, int rounds)
{
	unsigned char *good, *bad = malloc(1 << 20);
	size_t n, m;
	int i;

	good = get_file(name, &n);
	if (!good || !bad || n > 1 << 18) {
		check(0, name, 0, "file to damage", 0, 1);
		free(good);
		free(bad);
		return;
	}
	for (i = 0; i < rounds; i++) {
		memcpy(bad, good, n);
		m = damage(bad, n);
		put_file(name, bad, m);
		use_all();
	}
	put_file(name, good, n);
	free(good);
	free(bad);
}

/* Things that are not files, and files past the bounds. */
static void test_strange_files(void)
{
	char path[4096], big[4096];
	size_t n;
	unsigned char *good = get_file("slot0/token.ini", &n);
	int i;
	FILE *f;

	snprintf(path, sizeof path, "%s/slot0/token.ini", store);
	memset(big, '#', sizeof big - 1);
	big[sizeof big - 1] = '\n';
	f = fopen(path, "wb");
	for (i = 0; f && i < 100; i++)
		fwrite(big, 1, sizeof big, f);
	if (f)
		fclose(f);
	use_all();
	unlink(path);
	if (symlink("/dev/zero", path) == 0)
		use_all();
	unlink(path);
	use_all(); /* absent */
	put_file("slot0/token.ini", good, n);
	free(good);
	put_text("slot0/obj/77.attr", "class = 00\n");
	use_all(); /* no .bin */
	put_text("slot0/obj/7777777777777777777.attr", "class = 00\n");
	put_text("slot0/obj/x.attr", "class = 00\n");
	use_all();
	drop_file("slot0/obj/77.attr");
	drop_file("slot0/obj/7777777777777777777.attr");
	drop_file("slot0/obj/x.attr");
}

/* Each damaged object is reported: thousands of lines. */
static void mute(void)
{
	int null = open("/dev/null", O_WRONLY);

	if (null < 0 || dup2(null, STDERR_FILENO) < 0)
		abort();
	close(null);
}

void test_corrupt(void)
{
	static const char *const files[] = { "slot0/token.ini",    "slot0/pin",         "slot0/fault",
					     "slot0/obj/01.attr",  "slot0/obj/02.attr", "slot0/obj/02.bin",
					     "slot0/obj/03.attr",  "slot0/obj/03.bin",  "slot0/obj/04.attr" };
	size_t i;
	int old = dup(STDERR_FILENO);

	plug(0);
	mute();
	for (i = 0; i < sizeof files / sizeof files[0]; i++) {
		put_text("slot0/fault", "sign:zero 5 x2\nlogin:rv 5 x3\n"); /* used up by each file's rounds */
		damage_file(files[i], 60);
	}
	test_strange_files();
	if (dup2(old, STDERR_FILENO) < 0)
		abort();
	close(old);
	drop_file("slot0/fault");
	/* The damaged rounds logged in and counted; set the counters back. */
	replace_line("slot0/pin", "user-left", "user-left = 3");
	replace_line("slot0/pin", "so-left", "so-left = 3");
	start();
	TRUE_(find(logged_in(0), CKO_PRIVATE_KEY, NULL) == 1);
	stop();
}
