/* softkey: the training UsbKey of sealdesk, a PKCS#11 2.40 module.
 *
 * A training device. Its keys lie in plain files and must never seal a real document.
 *
 * All functions declared here, apart from those that say otherwise, are called with the
 * module lock held (sk_enter ... sk_leave).
 */
#ifndef SOFTKEY_H
#define SOFTKEY_H

#include <limits.h>
#include <stddef.h>
#include <sys/stat.h>
#include <time.h>

#include <p11-kit/pkcs11.h>

#include <openssl/evp.h>

/* Bounds: a damaged or hostile store costs memory and time up to these, never more. */
#define SK_MAX_SLOTS 16
#define SK_MAX_SESSIONS 256
#define SK_MAX_OBJECTS 1024
#define SK_MAX_NUMBER 9999           /* highest NN of obj/NN.attr */
#define SK_MAX_MECHS 32
#define SK_MAX_PIN 64
#define SK_MAX_INI (64u << 10)       /* token.ini, pin, fault, NN.attr */
#define SK_MAX_ATTR (16u << 10)      /* one attribute other than CKA_VALUE */
#define SK_MAX_VALUE (1u << 20)      /* CKA_VALUE */
#define SK_MAX_MESSAGE (16u << 20)   /* message of one signature */
#define SK_MAX_TEMPLATE 64
#define SK_MAX_RANDOM (1u << 20)

#define SK_SM2_BYTES 32
#define SK_DER_MAX 72                /* SEQUENCE of two INTEGERs of 33 bytes */

/* What a signing mechanism takes. */
enum sk_in { IN_E, IN_MSG, IN_MSGZ, IN_ECDSA };
/* What it gives. */
enum sk_out { OUT_RAW, OUT_DER, OUT_DER_NEGATIVE };
/* Where the public key is found. */
enum sk_point { POINT_DER, POINT_RAW, POINT_NONE, POINT_VALUE_XY, POINT_SM2_XY };

struct sk_mech {
	CK_MECHANISM_TYPE type;
	enum sk_in in;
	enum sk_out out;
	int param; /* the user ID must be given as mechanism parameter */
};

/* token.ini */
struct sk_token {
	unsigned char label[32], manufacturer[32], model[16], serial[16];
	CK_VERSION firmware;
	CK_ULONG pin_min, pin_max;
	int is_protected, initialized, pad_nul;
	CK_KEY_TYPE key_type;
	CK_MECHANISM_TYPE key_gen, digest; /* 0 = none */
	struct sk_mech sign[SK_MAX_MECHS];
	size_t nsign;
	enum sk_point point;
	int point_on_private, generic_params, consume_query, empty_list, hide_pin_flags;
};

/* pin */
struct sk_secret {
	unsigned char pin[SK_MAX_PIN];
	size_t n; /* 0 = never set */
	long left, max;
};

enum sk_pad { PAD_ACCEPT, PAD_WRONG, PAD_CANCEL };

struct sk_pins {
	struct sk_secret user, so;
	int to_be_changed;
	enum sk_pad pad; /* what the person at the PIN pad does, protected path only */
	long pad_delay;  /* ms */
};

struct sk_attr {
	CK_ATTRIBUTE_TYPE type;
	unsigned char *val;
	size_t n;
};

struct sk_object {
	CK_OBJECT_HANDLE h;
	int number;              /* NN, or -1 for a session object */
	CK_SESSION_HANDLE owner; /* session objects only */
	CK_OBJECT_CLASS cls;
	struct sk_attr *attr;
	size_t nattr;
	unsigned char *value; /* CKA_VALUE of data objects and certificates */
	size_t nvalue;
	unsigned char d[SK_SM2_BYTES]; /* private keys */
	unsigned char shape[67];       /* 04 41 04 x y: every form of the public point is a part of it */
	int has_point;
	EVP_PKEY *key;
};

/* Identity of a file: differs when it was replaced or rewritten. */
struct sk_stamp {
	dev_t dev;
	ino_t ino;
	struct timespec mtime, ctime;
};

struct sk_slot {
	int used, present, event, token_ok;
	CK_SLOT_ID id;
	char dir[PATH_MAX];
	struct sk_stamp present_stamp, obj_stamp;
	struct timespec obj_read;
	int obj_valid;
	int user; /* -1 nobody, else CKU_SO or CKU_USER */
	struct sk_token token;
	struct sk_object **obj;
	size_t nobj;
};

struct sk_sign {
	int active, multi, authed;
	struct sk_mech mech;
	CK_OBJECT_HANDLE key;
	unsigned char *buf;
	size_t n;
};

struct sk_session {
	CK_SESSION_HANDLE h;
	struct sk_slot *slot;
	int rw, finding, digest_multi;
	CK_OBJECT_HANDLE *found;
	size_t nfound, next;
	struct sk_sign sign;
	EVP_MD_CTX *digest;
};

struct sk_fault {
	char name[32];
	char arg[64];
};

/* softkey.c: module state */
CK_RV sk_enter(void); /* takes the lock; CKR_CRYPTOKI_NOT_INITIALIZED when not initialised */
CK_RV sk_leave(CK_RV rv);
const char *sk_dir(void);
unsigned long sk_generation(void); /* grows with each C_Initialize and C_Finalize */

/* file.c: bounded files and text */
int sk_path(char *out, const char *dir, const char *name);
unsigned char *sk_read(const char *path, size_t max, size_t *n); /* NUL after the end; NULL: errno, EFBIG too large */
int sk_write(const char *path, const void *data, size_t n, int mode);
int sk_stamp(const char *path, struct sk_stamp *s);
int sk_same_stamp(const struct sk_stamp *a, const struct sk_stamp *b);
int sk_line(char **cursor, char **key, char **value); /* next "key = value"; 1 found, 0 end, -1 bad line */
int sk_number(const char *s, unsigned long *out);
int sk_bool(const char *s, int *out);
int sk_unhex(const char *s, unsigned char *out, size_t max, size_t *n);
int sk_hex(char *out, const unsigned char *p, size_t n); /* 2n characters and NUL; returns 2n */
void sk_pad(unsigned char *out, size_t n, const void *text, size_t len, int fill);
void sk_sleep(long ms);
void sk_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* slot.c: slots and hot plug */
void sk_slots_scan(void);
void sk_slots_reset(void);
struct sk_slot *sk_slot_find(CK_SLOT_ID id);
struct sk_slot *sk_slot_at(size_t i);
void sk_slot_refresh(struct sk_slot *s); /* sees removal and re-insertion; ends sessions */
int sk_slot_gone(const struct sk_slot *s); /* looks only; ends nothing */
CK_RV sk_slot_token(CK_SLOT_ID id, struct sk_slot **out); /* slot with a readable token in it */

/* token.c: token.ini and pin */
CK_RV sk_token_load(struct sk_slot *s);
CK_RV sk_token_save_label(struct sk_slot *s, const unsigned char label[32]);
const struct sk_mech *sk_mech_find(const struct sk_token *t, CK_MECHANISM_TYPE type);
CK_RV sk_pins_load(const struct sk_slot *s, struct sk_pins *p);
CK_RV sk_pins_save(const struct sk_slot *s, const struct sk_pins *p);

/* fault.c */
int sk_fault_take(const struct sk_slot *s, const char *point, struct sk_fault *f);
int sk_fault_common(const struct sk_slot *s, const struct sk_fault *f, CK_RV *rv); /* 1: handled, rv says how */
CK_RV sk_fault_at(const struct sk_slot *s, const char *point); /* take and apply */

/* login.c */
CK_RV sk_pin_check(struct sk_slot *s, int so, const unsigned char *pin, size_t n);
CK_RV sk_pin_set(struct sk_slot *s, int so, const unsigned char *pin, size_t n);

/* session.c */
CK_RV sk_session(CK_SESSION_HANDLE h, struct sk_session **out);
void sk_sessions_end(struct sk_slot *s); /* s NULL: of all slots */
size_t sk_sessions_count(const struct sk_slot *s, int rw_only);
void sk_sign_clear(struct sk_sign *o);

/* attr.c */
int sk_attr_by_name(const char *name, CK_ATTRIBUTE_TYPE *type);
const char *sk_attr_name(CK_ATTRIBUTE_TYPE type); /* NULL: no name */
enum sk_kind { KIND_BYTES, KIND_BOOL, KIND_ULONG };
enum sk_kind sk_attr_kind(CK_ATTRIBUTE_TYPE type);
struct sk_attr *sk_attr_get(const struct sk_object *o, CK_ATTRIBUTE_TYPE type);
CK_RV sk_attr_put(struct sk_object *o, CK_ATTRIBUTE_TYPE type, const void *val, size_t n);
CK_RV sk_attr_read(const struct sk_slot *s, const struct sk_object *o, CK_ATTRIBUTE_TYPE type,
		   const void **val, size_t *n);
int sk_attr_bool(const struct sk_slot *s, const struct sk_object *o, CK_ATTRIBUTE_TYPE type);

/* object.c */
struct sk_object *sk_object_new(CK_OBJECT_CLASS cls);
void sk_object_free(struct sk_object *o);
void sk_objects_drop(struct sk_slot *s, CK_SESSION_HANDLE owner); /* owner 0: all */
void sk_objects_refresh(struct sk_slot *s);
int sk_object_path(char *out, const struct sk_slot *s, int number, const char *ext);
size_t sk_object_numbers(const struct sk_slot *s, const char *ext, int out[SK_MAX_OBJECTS]); /* ext NULL: any */
CK_RV sk_object_list(struct sk_slot *s, struct sk_object *o); /* takes o over only when it answers CKR_OK */
struct sk_object *sk_object_find(const struct sk_session *ss, CK_OBJECT_HANDLE h);
int sk_object_visible(const struct sk_session *ss, const struct sk_object *o);

/* objwrite.c */
CK_RV sk_object_add(struct sk_slot *s, struct sk_object *o);
CK_RV sk_object_remove(struct sk_slot *s, struct sk_object *o);
CK_RV sk_object_save(const struct sk_slot *s, const struct sk_object *o);
CK_RV sk_objects_erase(struct sk_slot *s);

/* template.c */
CK_RV sk_template_check(const CK_ATTRIBUTE *t, CK_ULONG n);
CK_RV sk_template_apply(const struct sk_slot *s, struct sk_object *o, const CK_ATTRIBUTE *t, CK_ULONG n);
const CK_ATTRIBUTE *sk_template_find(const CK_ATTRIBUTE *t, CK_ULONG n, CK_ATTRIBUTE_TYPE type);
CK_RV sk_may_write(const struct sk_session *ss, const struct sk_object *o);

/* sm2.c */
CK_RV sk_sm2_start(void); /* CKR_FUNCTION_FAILED when libcrypto has no SM2 or SM3 */
void sk_sm2_stop(void);
EVP_MD *sk_sm3(void);
int sk_random(unsigned char *p, size_t n);
int sk_sm2_new_d(unsigned char d[SK_SM2_BYTES]);
int sk_sm2_public(const unsigned char d[SK_SM2_BYTES], unsigned char point[65]); /* 0: d is not a private key */
int sk_sm2_on_curve(const unsigned char point[65]);
int sk_sm2_parse_private(const unsigned char *p, size_t n, unsigned char d[SK_SM2_BYTES]); /* hex or PKCS#8 */
EVP_PKEY *sk_sm2_key(const unsigned char d[SK_SM2_BYTES], const unsigned char point[65]);
int sk_sm2_sign(EVP_PKEY *key, enum sk_in in, const unsigned char *m, size_t n, unsigned char rs[64]);
int sk_ecdsa_sign(const unsigned char d[SK_SM2_BYTES], const unsigned char *m, size_t n, unsigned char rs[64]);
size_t sk_encode(enum sk_out out, const unsigned char rs[64], unsigned char sig[SK_DER_MAX]);

#endif
