/* Test driver of the softkey module: walks its functions under the sanitizers. The store is made by
 * the Go test: slot0 and slot1 with user PIN 123456, SO PIN 87654321, three tries, one key pair, one
 * certificate, a public and a private data object; slot1's key asks for the PIN at each signature. */
#ifndef DRIVER_H
#define DRIVER_H

#include <stddef.h>

#include <p11-kit/pkcs11.h>

extern CK_FUNCTION_LIST *F;
extern const char *store; /* directory */
extern unsigned long checks, failures;

#define USER_PIN "123456"
#define SO_PIN "87654321"
#define MECH_GEN 0x80008001UL
#define MECH_E_RAW 0x80008105UL
#define MECH_E_DER 0x80008104UL
#define MECH_MSGZ 0x80008102UL
#define MECH_SM3 0x80009000UL

void check(int ok, const char *file, int line, const char *what, unsigned long got, unsigned long want);
#define WANT(expr, code)                                                                  \
	do {                                                                              \
		unsigned long got_ = (expr), want_ = (code);                              \
		check(got_ == want_, __FILE__, __LINE__, #expr, got_, want_);             \
	} while (0)
#define TRUE_(expr) check((expr) != 0, __FILE__, __LINE__, #expr, 0, 1)

/* Files of the store. */
void put_file(const char *name, const void *data, size_t n);
void put_text(const char *name, const char *text);
void replace_line(const char *name, const char *key, const char *line);
unsigned char *get_file(const char *name, size_t *n);
void drop_file(const char *name);
void plug(int slot);
void pull(int slot);
void fault(int slot, const char *line);

/* Common steps. */
void start(void); /* C_Initialize with both keys plugged in */
void stop(void);
CK_SESSION_HANDLE open_rw(CK_SLOT_ID slot);
CK_SESSION_HANDLE open_ro(CK_SLOT_ID slot);
CK_RV login(CK_SESSION_HANDLE h, CK_USER_TYPE who, const char *pin);
CK_SESSION_HANDLE logged_in(CK_SLOT_ID slot);
CK_ULONG find(CK_SESSION_HANDLE h, CK_OBJECT_CLASS cls, CK_OBJECT_HANDLE *first);
CK_FLAGS token_flags(CK_SLOT_ID slot);
CK_RV sign_init(CK_SESSION_HANDLE h, CK_MECHANISM_TYPE m, CK_OBJECT_HANDLE key);

void test_start(void);
void test_sessions(void);
void test_login(void);
void test_objects(void);
void test_generate(void);
void test_sign(void);
void test_faults(void);
void test_digest(void);
void test_hot_plug(void);
void test_init_token(void);
void test_corrupt(void);

#endif
