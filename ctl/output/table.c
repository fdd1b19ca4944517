// SPDX-License-Identifier: Apache-2.0
#include "ctl/output/table.h"
#include "ctl/output/display.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_HELD 256 /* before the widths are settled */
#define WIDTH_MAX 60  /* of a column: what is longer moves its own row only */

struct table {
	bool json;
	const struct column *columns;
	size_t column_count;
	int *widths;
	bool is_settled;
	cJSON *held[ROWS_HELD];
	size_t held_count;
	size_t row_count;
};

struct table *table_begin(bool json, const struct column *columns, size_t column_count)
{
	struct table *table = calloc(1, sizeof(*table));

	table->json = json;
	table->columns = columns;
	table->column_count = column_count;
	table->widths = calloc(column_count, sizeof(*table->widths));
	for (size_t i = 0; i < column_count; i++)
		table->widths[i] = display_width(columns[i].title);
	return table;
}

static char *join(const cJSON *array)
{
	char *text = strdup("");
	const cJSON *item;

	cJSON_ArrayForEach (item, array) {
		char *longer;

		if (asprintf(&longer, "%s%s%s", text, *text ? "," : "",
			     cJSON_IsString(item) ? item->valuestring : "?") < 0)
			abort();
		free(text);
		text = longer;
	}
	return text;
}

/* malloc()ed. */
static char *cell_text(const cJSON *value)
{
	if (!value)
		return strdup("-");
	if (cJSON_IsString(value) || cJSON_IsRaw(value))
		return strdup(*value->valuestring ? value->valuestring : "-");
	if (cJSON_IsArray(value) && cJSON_GetArraySize(value))
		return join(value);
	if (cJSON_IsBool(value))
		return strdup(cJSON_IsTrue(value) ? "yes" : "no");
	if (cJSON_IsNumber(value))
		return cJSON_PrintUnformatted(value);
	return strdup("-");
}

/* The same, fit for a terminal. */
static char *cell(const cJSON *value)
{
	char *text = cell_text(value);

	display_clean(text);
	return text;
}

static bool is_padded(const struct table *table, size_t column)
{
	return table->columns[column].is_right || column + 1 < table->column_count;
}

static void print_row(const struct table *table, const cJSON *row)
{
	for (size_t i = 0; i < table->column_count; i++) {
		const struct column *column = &table->columns[i];
		const cJSON *value = cJSON_GetObjectItemCaseSensitive(row, column->key);
		bool is_there = value && !cJSON_IsNull(value);
		enum style style = column->style && is_there ? column->style(value) : STYLE_PLAIN;
		char *text = cell(value);

		fputs(style_on(style), stdout);
		display_padded(text, is_padded(table, i) ? table->widths[i] : 0, column->is_right);
		printf("%s%s", style_off(style), i + 1 == table->column_count ? "\n" : "  ");
		free(text);
	}
}

static void print_titles(const struct table *table)
{
	printf("%s", style_on(STYLE_TITLE));
	for (size_t i = 0; i < table->column_count; i++) {
		display_padded(table->columns[i].title, is_padded(table, i) ? table->widths[i] : 0,
			       table->columns[i].is_right);
		fputs(i + 1 == table->column_count ? "" : "  ", stdout);
	}
	printf("%s\n", style_off(STYLE_TITLE));
}

/* The widths are those of the rows that were held back, which are printed now. */
static void settle(struct table *table)
{
	table->is_settled = true;
	for (size_t row = 0; row < table->held_count; row++)
		for (size_t i = 0; i < table->column_count; i++) {
			char *text = cell(cJSON_GetObjectItemCaseSensitive(table->held[row],
									   table->columns[i].key));
			int width = display_width(text);

			if (width > table->widths[i] && width <= WIDTH_MAX)
				table->widths[i] = width;
			free(text);
		}
	print_titles(table);
	for (size_t row = 0; row < table->held_count; row++) {
		print_row(table, table->held[row]);
		cJSON_Delete(table->held[row]);
	}
}

/* malloc()ed; names of files and interfaces may be any bytes. */
static char *json_text(const cJSON *json)
{
	char *text = cJSON_PrintUnformatted(json);

	display_utf8(text);
	return text;
}

void table_row(struct table *table, cJSON *row)
{
	size_t number = table->row_count++;

	if (table->json) {
		char *text = json_text(row);

		printf("%s%s", number ? ",\n" : "[", text);
		free(text);
		cJSON_Delete(row);
	} else if (table->is_settled) {
		print_row(table, row);
		cJSON_Delete(row);
	} else {
		table->held[table->held_count++] = row;
		if (table->held_count == ROWS_HELD)
			settle(table);
	}
}

void table_end(struct table *table)
{
	if (table->json)
		printf("%s]\n", table->row_count ? "" : "[");
	else if (!table->is_settled)
		settle(table);
	free(table->widths);
	free(table);
}

void row_add_number(cJSON *row, const char *key, uint64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, number);
	cJSON_AddRawToObject(row, key, text);
}

void row_add_number_if(cJSON *row, const char *key, uint64_t number, bool is_there)
{
	if (is_there)
		row_add_number(row, key, number);
	else
		cJSON_AddNullToObject(row, key);
}

void row_add_id(cJSON *row, const char *key, uint64_t id)
{
	row_add_number_if(row, key, id, id);
}

void row_add_text(cJSON *row, const char *key, const char *text)
{
	if (text && *text)
		cJSON_AddStringToObject(row, key, text);
	else
		cJSON_AddNullToObject(row, key);
}

void row_add_part(cJSON *row, const char *key, cJSON *part)
{
	cJSON_AddItemToObject(row, key, part ? part : cJSON_CreateNull());
}

void json_print(cJSON *json)
{
	char *text = json_text(json);

	puts(text);
	free(text);
	cJSON_Delete(json);
}
