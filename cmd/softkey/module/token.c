/* token.ini (what the key is) and pin (its secrets and counters). */
#include "softkey.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

static const char mark[] = "TRAINING KEY";

/* Whatever the store says, a token of this module is called a training key. */
static void set_label(struct sk_token *t, const unsigned char *label, size_t n)
{
	unsigned char text[64];
	size_t m = sizeof mark - 1;
	int fill = t->pad_nul ? 0 : ' ';

	while (n > 0 && (label[n - 1] == ' ' || label[n - 1] == 0))
		n--;
	if (n > 32)
		n = 32;
	if (n >= m && memcmp(label, mark, m) == 0) {
		sk_pad(t->label, sizeof t->label, label, n, fill);
		return;
	}
	memcpy(text, mark, m);
	text[m] = ' ';
	if (n)
		memcpy(text + m + 1, label, n);
	sk_pad(t->label, sizeof t->label, text, n ? m + 1 + n : m, fill);
}

static int set_mech(struct sk_token *t, const char *v)
{
	static const char *const ins[] = { "e", "msg", "msgz", "ecdsa" };
	static const char *const outs[] = { "raw", "der", "der-negative" };
	struct sk_mech *m = &t->sign[t->nsign];
	char num[24], in[16], out[16], param[16];
	unsigned long type;
	size_t i;
	int n = sscanf(v, "%23s %15s %15s %15s", num, in, out, param);

	if (n < 3 || t->nsign == SK_MAX_MECHS || !sk_number(num, &type))
		return 0;
	if (n == 4 && strcmp(param, "param") != 0)
		return 0;
	m->type = type;
	m->param = n == 4;
	for (i = 0; i < 4 && strcmp(ins[i], in) != 0; i++)
		continue;
	if (i == 4)
		return 0;
	m->in = (enum sk_in)i;
	for (i = 0; i < 3 && strcmp(outs[i], out) != 0; i++)
		continue;
	if (i == 3)
		return 0;
	m->out = (enum sk_out)i;
	t->nsign++;
	return 1;
}

static int set_point(struct sk_token *t, const char *v)
{
	static const char *const forms[] = { "der", "raw", "none", "value-xy", "sm2-xy" };
	size_t i;

	for (i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		if (strcmp(forms[i], v) == 0) {
			t->point = (enum sk_point)i;
			return 1;
		}
	}
	return 0;
}

static int set_firmware(struct sk_token *t, const char *v)
{
	unsigned major, minor = 0;

	if (sscanf(v, "%u.%u", &major, &minor) < 1 || major > 255 || minor > 255)
		return 0;
	t->firmware.major = (CK_BYTE)major;
	t->firmware.minor = (CK_BYTE)minor;
	return 1;
}

static int set_flag(struct sk_token *t, const char *k, const char *v, int *known)
{
	const struct {
		const char *name;
		int *to;
	} flags[] = {
		{ "protected", &t->is_protected },
		{ "initialized", &t->initialized },
		{ "ec-point-on-private", &t->point_on_private },
		{ "generic-ec-params", &t->generic_params },
		{ "consume-on-length-query", &t->consume_query },
		{ "empty-mechanism-list", &t->empty_list },
		{ "hide-pin-flags", &t->hide_pin_flags },
		{ "pad-with-nul", &t->pad_nul },
	};
	size_t i;

	for (i = 0; i < sizeof flags / sizeof flags[0]; i++) {
		if (strcmp(k, flags[i].name) == 0) {
			*known = 1;
			return sk_bool(v, flags[i].to);
		}
	}
	*known = 0;
	return 1;
}

static int set_ulong(struct sk_token *t, const char *k, const char *v, int *known)
{
	const struct {
		const char *name;
		unsigned long *to;
	} numbers[] = {
		{ "pin-min", &t->pin_min },   { "pin-max", &t->pin_max }, { "key-type", &t->key_type },
		{ "key-gen", &t->key_gen },   { "digest", &t->digest },
	};
	size_t i;

	for (i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		if (strcmp(k, numbers[i].name) == 0) {
			*known = 1;
			return sk_number(v, numbers[i].to);
		}
	}
	*known = 0;
	return 1;
}

/* The label as read: text, or bytes in hex where it is not UTF-8. */
struct label {
	unsigned char b[64];
	size_t n;
};

static int set_text(struct sk_token *t, struct label *l, const char *k, const char *v)
{
	size_t n = strlen(v);

	if (strcmp(k, "label") == 0) {
		l->n = n < sizeof l->b ? n : sizeof l->b;
		memcpy(l->b, v, l->n);
	} else if (strcmp(k, "label-hex") == 0) {
		return sk_unhex(v, l->b, sizeof l->b, &l->n);
	} else if (strcmp(k, "manufacturer") == 0) {
		sk_pad(t->manufacturer, sizeof t->manufacturer, v, n, ' ');
	} else if (strcmp(k, "model") == 0) {
		sk_pad(t->model, sizeof t->model, v, n, ' ');
	} else if (strcmp(k, "serial") == 0) {
		sk_pad(t->serial, sizeof t->serial, v, n, ' ');
	} else if (strcmp(k, "firmware") == 0) {
		return set_firmware(t, v);
	} else if (strcmp(k, "sign") == 0) {
		return set_mech(t, v);
	} else if (strcmp(k, "ec-point") == 0) {
		return set_point(t, v);
	}
	return 1; /* other keys are for people and for the provisioning tool */
}

static int parse_token(char *text, struct sk_token *t)
{
	struct label l = { { 0 }, 0 };
	char *k, *v;
	int r, known;

	memset(t, 0, sizeof *t);
	sk_pad(t->manufacturer, sizeof t->manufacturer, mark, sizeof mark - 1, ' ');
	sk_pad(t->model, sizeof t->model, "softkey", 7, ' ');
	sk_pad(t->serial, sizeof t->serial, "", 0, ' ');
	t->pin_min = 4;
	t->pin_max = 16;
	t->initialized = 1;
	while ((r = sk_line(&text, &k, &v)) == 1) {
		if (!set_flag(t, k, v, &known))
			return 0;
		if (!known && !set_ulong(t, k, v, &known))
			return 0;
		if (!known && !set_text(t, &l, k, v))
			return 0;
	}
	set_label(t, l.b, l.n);
	return r == 0 && t->pin_min <= t->pin_max && t->pin_max <= SK_MAX_PIN;
}

CK_RV sk_token_load(struct sk_slot *s)
{
	char path[PATH_MAX];
	unsigned char *text;
	size_t n;
	int ok;

	s->token_ok = 0;
	if (!sk_path(path, s->dir, "token.ini"))
		return CKR_TOKEN_NOT_RECOGNIZED;
	text = sk_read(path, SK_MAX_INI, &n);
	if (!text)
		return CKR_TOKEN_NOT_RECOGNIZED;
	ok = parse_token((char *)text, &s->token);
	free(text);
	if (!ok)
		return CKR_TOKEN_NOT_RECOGNIZED;
	s->token_ok = 1;
	return CKR_OK;
}

/* Whether a line of token.ini sets k: "label" is not "labels". */
static int sets(const char *line, const char *k)
{
	size_t n = strlen(k);

	line += strspn(line, " \t");
	if (strncmp(line, k, n) != 0)
		return 0;
	line += n;
	return line[strspn(line, " \t")] == '=';
}

/* Rewrites token.ini with another label, every other line as it was. */
CK_RV sk_token_save_label(struct sk_slot *s, const unsigned char label[32])
{
	char path[PATH_MAX], *text, *out, *p, *next;
	size_t n, used;
	int ok;

	if (!sk_path(path, s->dir, "token.ini"))
		return CKR_DEVICE_ERROR;
	text = (char *)sk_read(path, SK_MAX_INI, &n);
	out = malloc(SK_MAX_INI + 128);
	if (!text || !out) {
		free(text);
		free(out);
		return CKR_DEVICE_ERROR;
	}
	strcpy(out, "label-hex = ");
	used = strlen(out);
	used += (size_t)sk_hex(out + used, label, 32);
	used += (size_t)sprintf(out + used, "\ninitialized = yes\n");
	for (p = text; *p; p = next) {
		next = strchr(p, '\n');
		next = next ? next + 1 : p + strlen(p);
		if (sets(p, "label") || sets(p, "label-hex") || sets(p, "initialized"))
			continue;
		memcpy(out + used, p, (size_t)(next - p));
		used += (size_t)(next - p);
	}
	ok = sk_write(path, out, used, 0600);
	free(text);
	free(out);
	return ok ? CKR_OK : CKR_DEVICE_ERROR;
}

const struct sk_mech *sk_mech_find(const struct sk_token *t, CK_MECHANISM_TYPE type)
{
	size_t i;

	for (i = 0; i < t->nsign; i++)
		if (t->sign[i].type == type)
			return &t->sign[i];
	return NULL;
}

static int set_pin(struct sk_pins *p, const char *k, const char *v)
{
	const struct {
		const char *name;
		long *to;
	} numbers[] = {
		{ "user-left", &p->user.left }, { "user-max", &p->user.max }, { "so-left", &p->so.left },
		{ "so-max", &p->so.max },	{ "pad-delay", &p->pad_delay },
	};
	unsigned long u;
	size_t i;

	if (strcmp(k, "user-pin") == 0)
		return sk_unhex(v, p->user.pin, sizeof p->user.pin, &p->user.n);
	if (strcmp(k, "so-pin") == 0)
		return sk_unhex(v, p->so.pin, sizeof p->so.pin, &p->so.n);
	if (strcmp(k, "to-be-changed") == 0)
		return sk_bool(v, &p->to_be_changed);
	if (strcmp(k, "pad") == 0) {
		p->pad = strcmp(v, "wrong") == 0 ? PAD_WRONG : strcmp(v, "cancel") == 0 ? PAD_CANCEL : PAD_ACCEPT;
		return 1;
	}
	for (i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		if (strcmp(k, numbers[i].name) != 0)
			continue;
		if (!sk_number(v, &u) || u > 600000)
			return 0;
		*numbers[i].to = (long)u;
	}
	return 1;
}

CK_RV sk_pins_load(const struct sk_slot *s, struct sk_pins *p)
{
	char path[PATH_MAX], *text, *cursor, *k, *v;
	size_t n;
	int r = -1;

	memset(p, 0, sizeof *p);
	if (!sk_path(path, s->dir, "pin"))
		return CKR_DEVICE_ERROR;
	text = (char *)sk_read(path, SK_MAX_INI, &n);
	if (!text)
		return CKR_DEVICE_ERROR;
	cursor = text;
	while ((r = sk_line(&cursor, &k, &v)) == 1)
		if (!set_pin(p, k, v)) {
			r = -1;
			break;
		}
	OPENSSL_cleanse(text, n);
	free(text);
	return r == 0 ? CKR_OK : CKR_DEVICE_ERROR;
}

CK_RV sk_pins_save(const struct sk_slot *s, const struct sk_pins *p)
{
	static const char *const pads[] = { "accept", "wrong", "cancel" };
	char path[PATH_MAX], user[2 * SK_MAX_PIN + 1], so[2 * SK_MAX_PIN + 1], text[1024];
	int n, ok;

	if (!sk_path(path, s->dir, "pin"))
		return CKR_DEVICE_ERROR;
	sk_hex(user, p->user.pin, p->user.n);
	sk_hex(so, p->so.pin, p->so.n);
	n = snprintf(text, sizeof text,
		     "user-pin = %s\nuser-left = %ld\nuser-max = %ld\nso-pin = %s\nso-left = %ld\nso-max = %ld\n"
		     "to-be-changed = %s\npad = %s\npad-delay = %ld\n",
		     user, p->user.left, p->user.max, so, p->so.left, p->so.max,
		     p->to_be_changed ? "yes" : "no", pads[p->pad], p->pad_delay);
	ok = n > 0 && n < (int)sizeof text && sk_write(path, text, (size_t)n, 0600);
	OPENSSL_cleanse(text, sizeof text);
	OPENSSL_cleanse(user, sizeof user);
	OPENSSL_cleanse(so, sizeof so);
	return ok ? CKR_OK : CKR_DEVICE_ERROR;
}
