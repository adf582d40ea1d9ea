/* The module: initialisation, end, slot events. */
#include "softkey.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static char directory[PATH_MAX];
static unsigned long generation;
static int initialised;
static pid_t owner;

const char *sk_dir(void)
{
	return directory;
}

unsigned long sk_generation(void)
{
	return generation;
}

CK_RV sk_enter(void)
{
	pthread_mutex_lock(&mutex);
	return initialised && owner == getpid() ? CKR_OK : CKR_CRYPTOKI_NOT_INITIALIZED;
}

CK_RV sk_leave(CK_RV rv)
{
	pthread_mutex_unlock(&mutex);
	return rv;
}

static CK_RV check_args(const CK_C_INITIALIZE_ARGS *a)
{
	int given;

	if (!a)
		return CKR_OK;
	given = (a->CreateMutex != NULL) + (a->DestroyMutex != NULL) + (a->LockMutex != NULL) +
		(a->UnlockMutex != NULL);
	if (a->pReserved || (given != 0 && given != 4))
		return CKR_ARGUMENTS_BAD;
	return given == 4 && !(a->flags & CKF_OS_LOCKING_OK) ? CKR_CANT_LOCK : CKR_OK;
}

/* There is no default directory: without one the module is dead. */
static CK_RV find_store(void)
{
	const char *dir = getenv("SOFTKEY_DIR");
	size_t i;

	if (!dir || !*dir) {
		sk_say("SOFTKEY_DIR is not set; the training key does not start without its store");
		return CKR_GENERAL_ERROR;
	}
	if (!realpath(dir, directory)) {
		sk_say("SOFTKEY_DIR %s: %s", dir, strerror(errno));
		return CKR_GENERAL_ERROR;
	}
	sk_slots_reset();
	sk_slots_scan();
	for (i = 0; i < SK_MAX_SLOTS; i++)
		if (sk_slot_at(i))
			return CKR_OK;
	sk_say("SOFTKEY_DIR %s has no slot0 to slot%d", directory, SK_MAX_SLOTS - 1);
	return CKR_GENERAL_ERROR;
}

static CK_RV initialise(const CK_C_INITIALIZE_ARGS *args)
{
	CK_RV rv;

	if (initialised && owner == getpid())
		return CKR_CRYPTOKI_ALREADY_INITIALIZED;
	if (initialised) { /* a child process starts afresh */
		sk_sessions_end(NULL);
		sk_slots_reset();
		sk_sm2_stop();
		initialised = 0;
	}
	rv = check_args(args);
	if (rv == CKR_OK)
		rv = find_store();
	if (rv == CKR_OK)
		rv = sk_sm2_start();
	if (rv != CKR_OK)
		return rv;
	initialised = 1;
	owner = getpid();
	generation++;
	return CKR_OK;
}

CK_RV C_Initialize(void *args)
{
	CK_RV rv;

	pthread_mutex_lock(&mutex);
	rv = initialise(args);
	pthread_mutex_unlock(&mutex);
	return rv;
}

CK_RV C_Finalize(void *reserved)
{
	CK_RV rv = sk_enter();

	if (rv == CKR_OK && reserved)
		rv = CKR_ARGUMENTS_BAD;
	if (rv != CKR_OK)
		return sk_leave(rv);
	sk_sessions_end(NULL);
	sk_slots_reset();
	sk_sm2_stop();
	memset(directory, 0, sizeof directory);
	initialised = 0;
	generation++;
	return sk_leave(CKR_OK);
}

CK_RV C_GetInfo(CK_INFO *info)
{
	CK_RV rv = sk_enter();

	if (rv == CKR_OK && !info)
		rv = CKR_ARGUMENTS_BAD;
	if (rv != CKR_OK)
		return sk_leave(rv);
	memset(info, 0, sizeof *info);
	info->cryptokiVersion.major = 2;
	info->cryptokiVersion.minor = 40;
	info->libraryVersion.major = 1;
	sk_pad(info->manufacturerID, sizeof info->manufacturerID, "TRAINING KEY", 12, ' ');
	sk_pad(info->libraryDescription, sizeof info->libraryDescription, "sealdesk softkey, never secure", 30, ' ');
	return sk_leave(CKR_OK);
}

static int take_event(CK_SLOT_ID *id)
{
	struct sk_slot *s;
	size_t i;

	sk_slots_scan();
	for (i = 0; i < SK_MAX_SLOTS; i++) {
		s = sk_slot_at(i);
		if (!s)
			continue;
		sk_slot_refresh(s);
		if (s->event) {
			s->event = 0;
			*id = s->id;
			return 1;
		}
	}
	return 0;
}

CK_RV C_WaitForSlotEvent(CK_FLAGS flags, CK_SLOT_ID *id, void *reserved)
{
	unsigned long began = 0;
	CK_RV rv;

	for (;;) {
		rv = sk_enter();
		if (rv == CKR_OK && (!id || reserved))
			rv = CKR_ARGUMENTS_BAD;
		if (rv == CKR_OK && began && began != sk_generation())
			rv = CKR_CRYPTOKI_NOT_INITIALIZED; /* finalised meanwhile */
		if (rv != CKR_OK || take_event(id))
			return sk_leave(rv);
		began = sk_generation();
		sk_leave(rv);
		if (flags & CKF_DONT_BLOCK)
			return CKR_NO_EVENT;
		sk_sleep(20);
	}
}
