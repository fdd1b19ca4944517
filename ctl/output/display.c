// SPDX-License-Identifier: Apache-2.0
#include "ctl/output/display.h"
#include "ctl/output/style.h"
#include "netconf/utf8.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LABEL_WIDTH 14

struct range {
	uint32_t first;
	uint32_t last;
};

static bool is_in(const struct range *ranges, size_t count, uint32_t character)
{
	for (size_t i = 0; i < count; i++)
		if (character >= ranges[i].first && character <= ranges[i].last)
			return true;
	return false;
}

static int character_width(uint32_t character)
{
	static const struct range none[] = {
		{0x300, 0x36f},   {0x483, 0x489},   {0x591, 0x5bd},   {0x610, 0x61a},
		{0x64b, 0x65f},   {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200b, 0x200f},
		{0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f},
	};
	static const struct range two[] = {
		{0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},   {0xac00, 0xd7a3},
		{0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},
		{0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
	};

	if (character < 0x300)
		return 1;
	if (is_in(none, sizeof(none) / sizeof(none[0]), character))
		return 0;
	return is_in(two, sizeof(two) / sizeof(two[0]), character) ? 2 : 1;
}

/* Of well-formed UTF-8. */
static uint32_t decode(const char *text, size_t length)
{
	uint32_t character = (unsigned char)text[0];

	if (length > 1)
		character &= 0xffu >> (length + 1);
	for (size_t i = 1; i < length; i++)
		character = character << 6 | ((unsigned char)text[i] & 0x3f);
	return character;
}

/* How many columns the first character takes, and how many bytes. */
static int first_width(const char *text, size_t left, size_t *length)
{
	*length = rf_utf8_sequence(text, left);
	if (*length > 1)
		return character_width(decode(text, *length));
	*length = 1;
	return 1;
}

int display_width(const char *text)
{
	size_t left = strlen(text), length;
	int width = 0;

	for (; left; text += length, left -= length)
		width += first_width(text, left, &length);
	return width;
}

/* The bytes of the sequence that @text begins with, which style.c has written: 0 if it is none. */
static size_t style_length(const char *text, size_t left)
{
	size_t length = 2;

	if (left < length || text[0] != '\033' || text[1] != '[')
		return 0;
	while (length < left && text[length] != 'm')
		length++;
	return length < left ? length + 1 : left;
}

/* As first_width(), of text with styles. */
static int styled_width(const char *text, size_t left, size_t *length)
{
	*length = style_length(text, left);
	return *length ? 0 : first_width(text, left, length);
}

void display_clipped(FILE *stream, const char *line, size_t length, int columns)
{
	bool is_cut = false;
	int width = 0, used = 0;
	size_t step;

	for (size_t i = 0; i < length; i += step)
		width += styled_width(line + i, length - i, &step);
	for (size_t i = 0; i < length; i += step) {
		int next = styled_width(line + i, length - i, &step);

		/* One column is for the mark. */
		if (!is_cut && next && width > columns && used + next > columns - 1) {
			fputc('>', stream);
			is_cut = true;
		}
		used += next;
		if (!is_cut || style_length(line + i, length - i))
			fwrite(line + i, 1, step, stream);
	}
}

/* Separators of lines, and what has the following written from right to left. */
static bool is_control(uint32_t character)
{
	static const struct range controls[] = {
		{0, 0x1f}, {0x7f, 0x9f}, {0x2028, 0x202e}, {0x2066, 0x2069}};

	return is_in(controls, sizeof(controls) / sizeof(controls[0]), character);
}

void display_clean(char *text)
{
	size_t left = strlen(text);

	while (left) {
		size_t length = rf_utf8_sequence(text, left);
		uint32_t character = length ? decode(text, length) : 0;

		if (is_control(character)) {
			memset(text, '?', length ? length : 1);
			length = length ? length : 1;
		}
		text += length;
		left -= length;
	}
}

void display_print(const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		abort();
	display_clean(copy);
	fputs(copy, stdout);
	free(copy);
}

void display_utf8(char *text)
{
	size_t left = strlen(text);

	while (left) {
		size_t length = rf_utf8_sequence(text, left);

		if (!length) {
			*text = '?';
			length = 1;
		}
		text += length;
		left -= length;
	}
}

void display_padded(const char *text, int width, int is_right)
{
	int missing = width > 0 ? width - display_width(text) : 0;

	missing = missing > 0 ? missing : 0;
	if (is_right)
		printf("%*s%s", missing, "", text);
	else
		printf("%s%*s", text, missing, "");
}

void display_field(const char *label, const char *format, ...)
{
	va_list arguments;
	char *text;
	int length;

	va_start(arguments, format);
	length = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (length < 0)
		abort();
	display_clean(text);
	printf("%s%-*s%s  %s\n", style_on(STYLE_TITLE), LABEL_WIDTH, label, style_off(STYLE_TITLE),
	       text);
	free(text);
}
