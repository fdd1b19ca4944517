/* SPDX-License-Identifier: Apache-2.0 */
/* Text for a terminal: how wide it is, and nothing in it that a terminal would obey. */
#ifndef RINGFENCE_CTL_OUTPUT_DISPLAY_H
#define RINGFENCE_CTL_OUTPUT_DISPLAY_H

#include <stddef.h>
#include <stdio.h>

/*
 * How many columns the UTF-8 @text takes: none for combining marks, two for the wide characters of
 * East Asia and emoji (Unicode, UAX 11).
 */
int display_width(const char *text);

/* Put a '?' in the place of each byte of @text that controls a terminal or turns what follows
 * round, or is no UTF-8. */
void display_clean(char *text);

/* Print @text, cleaned. */
void display_print(const char *text);

/* Put a '?' in the place of each byte of @text that is no UTF-8, which no JSON may have. */
void display_utf8(char *text);

/* Print @text and spaces up to @width columns, before it if @is_right. */
void display_padded(const char *text, int width, int is_right);

/*
 * Print @length bytes of UTF-8, a line without its end, to @stream, no more than fits into
 * @columns: where there is more, '>' is in the last of them. Sequences that style it take no
 * column.
 */
void display_clipped(FILE *stream, const char *line, size_t length, int columns);

/* Print a line "label  text", to which a label of its own belongs; @format as of printf(). */
void display_field(const char *label, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
