// SPDX-License-Identifier: Apache-2.0
#include "ctl/table.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_HELD 256 /* before the widths are settled */

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
		table->widths[i] = (int)strlen(columns[i].title);
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
static char *cell(const struct column *column, const cJSON *row)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(row, column->key);

	if (cJSON_IsString(value))
		return strdup(*value->valuestring ? value->valuestring : "-");
	if (cJSON_IsArray(value) && cJSON_GetArraySize(value))
		return join(value);
	if (cJSON_IsBool(value))
		return strdup(cJSON_IsTrue(value) ? "yes" : "no");
	if (cJSON_IsNumber(value) || cJSON_IsRaw(value))
		return cJSON_PrintUnformatted(value);
	return strdup("-");
}

static void print_row(const struct table *table, const cJSON *row)
{
	for (size_t i = 0; i < table->column_count; i++) {
		const struct column *column = &table->columns[i];
		const cJSON *value = cJSON_GetObjectItemCaseSensitive(row, column->key);
		enum style style = column->style && value ? column->style(value) : STYLE_PLAIN;
		bool is_last = i + 1 == table->column_count;
		int width = column->is_right || !is_last ? table->widths[i] : 0;
		char *text = cell(column, row);

		printf("%s%*s%s%s", style_on(style), column->is_right ? width : -width, text,
		       style_off(style), is_last ? "\n" : "  ");
		free(text);
	}
}

static void print_titles(const struct table *table)
{
	printf("%s", style_on(STYLE_TITLE));
	for (size_t i = 0; i < table->column_count; i++) {
		bool is_last = i + 1 == table->column_count;
		int width = table->columns[i].is_right || !is_last ? table->widths[i] : 0;

		printf("%*s%s", table->columns[i].is_right ? width : -width,
		       table->columns[i].title, is_last ? "" : "  ");
	}
	printf("%s\n", style_off(STYLE_TITLE));
}

/* The widths are those of the rows that were held back, which are printed now. */
static void settle(struct table *table)
{
	table->is_settled = true;
	for (size_t row = 0; row < table->held_count; row++)
		for (size_t i = 0; i < table->column_count; i++) {
			char *text = cell(&table->columns[i], table->held[row]);
			int length = (int)strlen(text);

			if (length > table->widths[i])
				table->widths[i] = length;
			free(text);
		}
	print_titles(table);
	for (size_t row = 0; row < table->held_count; row++) {
		print_row(table, table->held[row]);
		cJSON_Delete(table->held[row]);
	}
}

void table_row(struct table *table, cJSON *row)
{
	size_t number = table->row_count++;

	if (table->json) {
		char *text = cJSON_PrintUnformatted(row);

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

void json_print(cJSON *json)
{
	char *text = cJSON_PrintUnformatted(json);

	puts(text);
	free(text);
	cJSON_Delete(json);
}
