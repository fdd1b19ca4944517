/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of what a command lists. A row is a JSON object; `--json` prints an array of them as they
 * are, else their columns are printed as a table whose widths follow from its first rows.
 */
#ifndef RINGFENCE_CTL_OUTPUT_TABLE_H
#define RINGFENCE_CTL_OUTPUT_TABLE_H

#include "ctl/output/style.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct column {
	const char *title;
	const char *key; /* in the row's object; null, and what it does not have, is shown as "-" */
	bool is_right;   /* aligned to the right, as numbers are */
	/* How a value looks that is there, and not null; NULL for STYLE_PLAIN. */
	enum style (*style)(const cJSON *value);
};

struct table;

/* Begin to print a table of @columns, which must outlive it. */
struct table *table_begin(bool json, const struct column *columns, size_t column_count);

/* Print @row, and delete it. */
void table_row(struct table *table, cJSON *row);

/* Print what is still held back, and free the table. */
void table_end(struct table *table);

/* Add a whole number of 64 bits, which cJSON's own numbers are not. */
void row_add_number(cJSON *row, const char *key, uint64_t number);

/* Add a number where @is_there, else null. */
void row_add_number_if(cJSON *row, const char *key, uint64_t number, bool is_there);

/* Add a number that is told from 0, which stands for none: null. */
void row_add_id(cJSON *row, const char *key, uint64_t id);

/* Add a text; null if there is none: NULL, or an empty one. */
void row_add_text(cJSON *row, const char *key, const char *text);

/* Add @part, which it takes over; null if it is NULL. */
void row_add_part(cJSON *row, const char *key, cJSON *part);

/* Print @json on a line of its own, and delete it. */
void json_print(cJSON *json);

#endif
