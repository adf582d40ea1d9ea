/* Slots and hot plug: SOFTKEY_DIR/slotN, with the file "present" while the key is plugged in. */
#include "softkey.h"

#include <stdio.h>
#include <string.h>

static struct sk_slot slots[SK_MAX_SLOTS];

static int look(const struct sk_slot *s, struct sk_stamp *stamp)
{
	char path[PATH_MAX];

	return sk_path(path, s->dir, "present") && sk_stamp(path, stamp);
}

void sk_slots_scan(void)
{
	struct stat st;
	char name[16];
	size_t i;

	for (i = 0; i < SK_MAX_SLOTS; i++) {
		struct sk_slot *s = &slots[i];

		if (s->used)
			continue;
		snprintf(name, sizeof name, "slot%zu", i);
		if (!sk_path(s->dir, sk_dir(), name) || stat(s->dir, &st) != 0 || !S_ISDIR(st.st_mode))
			continue;
		s->used = 1;
		s->id = i;
		s->user = -1;
		s->present = look(s, &s->present_stamp);
	}
}

void sk_slots_reset(void)
{
	size_t i;

	for (i = 0; i < SK_MAX_SLOTS; i++) {
		sk_objects_drop(&slots[i], 0);
		memset(&slots[i], 0, sizeof slots[i]);
	}
}

struct sk_slot *sk_slot_at(size_t i)
{
	return i < SK_MAX_SLOTS && slots[i].used ? &slots[i] : NULL;
}

struct sk_slot *sk_slot_find(CK_SLOT_ID id)
{
	return sk_slot_at(id);
}

int sk_slot_gone(const struct sk_slot *s)
{
	struct sk_stamp now;

	return !look(s, &now) || !sk_same_stamp(&now, &s->present_stamp);
}

static void unplug(struct sk_slot *s)
{
	sk_sessions_end(s);
	sk_objects_drop(s, 0);
	s->obj_valid = 0;
	s->token_ok = 0;
	s->user = -1;
}

void sk_slot_refresh(struct sk_slot *s)
{
	struct sk_stamp now;
	int here;

	memset(&now, 0, sizeof now);
	here = look(s, &now);
	if (here == s->present && (!here || sk_same_stamp(&now, &s->present_stamp)))
		return;
	unplug(s);
	s->present = here;
	s->present_stamp = now;
	s->event = 1;
}

CK_RV sk_slot_token(CK_SLOT_ID id, struct sk_slot **out)
{
	struct sk_slot *s = sk_slot_find(id);

	if (!s)
		return CKR_SLOT_ID_INVALID;
	sk_slot_refresh(s);
	if (!s->present)
		return CKR_TOKEN_NOT_PRESENT;
	*out = s;
	return sk_token_load(s);
}
