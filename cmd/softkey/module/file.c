/* Bounded files, "key = value" text, hexadecimal. */
#define _GNU_SOURCE
#include "softkey.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>

void sk_say(const char *fmt, ...)
{
	va_list ap;

	fputs("softkey: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

int sk_path(char *out, const char *dir, const char *name)
{
	int n = snprintf(out, PATH_MAX, "%s/%s", dir, name);

	return n > 0 && n < PATH_MAX;
}

static unsigned char *read_fd(int fd, size_t max, size_t *n)
{
	struct stat st;
	unsigned char *p;
	size_t have = 0;

	if (fstat(fd, &st) != 0)
		return NULL;
	if (!S_ISREG(st.st_mode)) {
		errno = EINVAL;
		return NULL;
	}
	if (st.st_size < 0 || (unsigned long long)st.st_size > max) {
		errno = EFBIG;
		return NULL;
	}
	p = malloc((size_t)st.st_size + 1);
	if (!p)
		return NULL;
	while (have < (size_t)st.st_size) {
		ssize_t r = read(fd, p + have, (size_t)st.st_size - have);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0) {
			free(p);
			return NULL;
		}
		if (r == 0)
			break;
		have += (size_t)r;
	}
	p[have] = 0;
	*n = have;
	return p;
}

unsigned char *sk_read(const char *path, size_t max, size_t *n)
{
	unsigned char *p;
	int fd, e;

	/* O_NONBLOCK: a FIFO in the place of a file must not stop the module. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return NULL;
	p = read_fd(fd, max, n);
	e = errno;
	close(fd);
	errno = e;
	return p;
}

static int write_all(int fd, const unsigned char *p, size_t n)
{
	while (n > 0) {
		ssize_t w = write(fd, p, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			return 0;
		p += w;
		n -= (size_t)w;
	}
	return 1;
}

int sk_write(const char *path, const void *data, size_t n, int mode)
{
	char tmp[PATH_MAX];
	int fd, ok;
	int len = snprintf(tmp, sizeof tmp, "%s.tmpXXXXXX", path);

	if (len <= 0 || len >= (int)sizeof tmp)
		return 0;
	fd = mkostemp(tmp, O_CLOEXEC);
	if (fd < 0)
		return 0;
	ok = fchmod(fd, (mode_t)mode) == 0 && write_all(fd, data, n);
	ok = close(fd) == 0 && ok;
	ok = ok && rename(tmp, path) == 0;
	if (!ok)
		unlink(tmp);
	return ok;
}

int sk_stamp(const char *path, struct sk_stamp *s)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return 0;
	s->dev = st.st_dev;
	s->ino = st.st_ino;
	s->mtime = st.st_mtim;
	s->ctime = st.st_ctim;
	return 1;
}

static int same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

int sk_same_stamp(const struct sk_stamp *a, const struct sk_stamp *b)
{
	return a->dev == b->dev && a->ino == b->ino && same_time(a->mtime, b->mtime) &&
	       same_time(a->ctime, b->ctime);
}

static char *trim(char *s)
{
	char *e;

	while (*s == ' ' || *s == '\t')
		s++;
	e = s + strlen(s);
	while (e > s && (e[-1] == ' ' || e[-1] == '\t' || e[-1] == '\r'))
		*--e = 0;
	return s;
}

int sk_line(char **cursor, char **key, char **value)
{
	while (**cursor) {
		char *line = *cursor, *eq;
		char *end = strchr(line, '\n');

		*cursor = end ? end + 1 : line + strlen(line);
		if (end)
			*end = 0;
		line = trim(line);
		if (*line == 0 || *line == '#')
			continue;
		eq = strchr(line, '=');
		if (!eq || eq == line)
			return -1;
		*eq = 0;
		*key = trim(line);
		*value = trim(eq + 1);
		return 1;
	}
	return 0;
}

int sk_number(const char *s, unsigned long *out)
{
	char *end;

	if (*s < '0' || *s > '9')
		return 0;
	errno = 0;
	*out = strtoul(s, &end, 0);
	return errno == 0 && *end == 0;
}

int sk_bool(const char *s, int *out)
{
	if (strcmp(s, "yes") == 0)
		*out = 1;
	else if (strcmp(s, "no") == 0)
		*out = 0;
	else
		return 0;
	return 1;
}

static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int sk_unhex(const char *s, unsigned char *out, size_t max, size_t *n)
{
	size_t len = strlen(s), i;

	if (len % 2 != 0 || len / 2 > max)
		return 0;
	for (i = 0; i < len / 2; i++) {
		int hi = nibble(s[2 * i]), lo = nibble(s[2 * i + 1]);

		if (hi < 0 || lo < 0)
			return 0;
		out[i] = (unsigned char)(hi << 4 | lo);
	}
	*n = len / 2;
	return 1;
}

int sk_hex(char *out, const unsigned char *p, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < n; i++) {
		out[2 * i] = digits[p[i] >> 4];
		out[2 * i + 1] = digits[p[i] & 15];
	}
	out[2 * n] = 0;
	return (int)(2 * n);
}

void sk_pad(unsigned char *out, size_t n, const void *text, size_t len, int fill)
{
	memset(out, fill, n);
	memcpy(out, text, len < n ? len : n);
}

void sk_sleep(long ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000L };

	while (nanosleep(&t, &t) != 0 && errno == EINTR)
		continue;
}
