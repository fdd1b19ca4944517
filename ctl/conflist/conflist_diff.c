// SPDX-License-Identifier: Apache-2.0
/* What differs between two texts, as one hunk from the first line that does to the last. */
#include "ctl/conflist/conflist.h"

#include <string.h>

#define CONTEXT 3

struct lines {
	const char *text; /* of the next line, */
	size_t length;    /* and of all that are left */
};

static size_t line_length(const char *text, size_t length)
{
	const char *newline = memchr(text, '\n', length);

	return newline ? (size_t)(newline - text) + 1 : length;
}

static size_t count_lines(struct lines lines)
{
	size_t count = 0;

	while (lines.length) {
		size_t length = line_length(lines.text, lines.length);

		lines.text += length;
		lines.length -= length;
		count++;
	}
	return count;
}

/* Drop @count lines. */
static void skip(struct lines *lines, size_t count)
{
	while (count--) {
		size_t length = line_length(lines->text, lines->length);

		lines->text += length;
		lines->length -= length;
	}
}

static size_t common_lines(struct lines a, struct lines b)
{
	size_t count = 0;

	while (a.length && b.length) {
		size_t length = line_length(a.text, a.length);

		if (length != line_length(b.text, b.length) || memcmp(a.text, b.text, length) != 0)
			break;
		skip(&a, 1);
		skip(&b, 1);
		count++;
	}
	return count;
}

/* Where the last line of the first @length bytes begins. */
static size_t last_line(const char *text, size_t length)
{
	const char *newline = length > 1 ? memrchr(text, '\n', length - 1) : NULL;

	return newline ? (size_t)(newline - text) + 1 : 0;
}

static size_t common_last_lines(struct lines a, struct lines b)
{
	size_t count = 0;

	while (a.length && b.length) {
		size_t from_a = last_line(a.text, a.length), from_b = last_line(b.text, b.length);
		size_t length = a.length - from_a;

		if (length != b.length - from_b ||
		    memcmp(a.text + from_a, b.text + from_b, length) != 0)
			break;
		a.length = from_a;
		b.length = from_b;
		count++;
	}
	return count;
}

static void print(FILE *stream, char mark, struct lines *lines, size_t count)
{
	while (count--) {
		size_t length = line_length(lines->text, lines->length);

		fputc(mark, stream);
		fwrite(lines->text, 1, length, stream);
		if (lines->text[length - 1] != '\n')
			fputs("\n\\ No newline at end of file\n", stream);
		skip(lines, 1);
	}
}

void conflist_diff(const struct conflist_file *file, const char *text, size_t length, FILE *stream)
{
	struct lines old = {file->text, file->length}, new = {text, length};
	size_t same = common_lines(old, new), old_count, new_count, before, behind;

	skip(&old, same);
	skip(&new, same);
	behind = common_last_lines(old, new);
	old_count = count_lines(old) - behind;
	new_count = count_lines(new) - behind;
	before = same < CONTEXT ? same : CONTEXT;
	behind = behind < CONTEXT ? behind : CONTEXT;
	fprintf(stream, "--- %s\n+++ %s\n@@ -%zu,%zu +%zu,%zu @@\n", file->path, file->path,
		same - before + 1, before + old_count + behind, same - before + 1,
		before + new_count + behind);
	old = (struct lines){file->text, file->length};
	skip(&old, same - before);
	print(stream, ' ', &old, before);
	print(stream, '-', &old, old_count);
	print(stream, '+', &new, new_count);
	print(stream, ' ', &old, behind);
}
