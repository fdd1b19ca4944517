/* SPDX-License-Identifier: Apache-2.0 */
#include "netconf/conflist_layout.h"

#include "netconf/json_scan.h"

#include <string.h>

#define SPAN(literal) ((struct rf_span){(literal), sizeof(literal) - 1})

static bool is_space(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static struct rf_span space_before(const char *text, size_t end)
{
	size_t start = end;

	while (start > 0 && is_space(text[start - 1]))
		start--;
	return (struct rf_span){text + start, end - start};
}

static struct rf_span space_behind(const struct rf_conflist *list, size_t start)
{
	size_t end = start;

	while (end < list->length && is_space(list->text[end]))
		end++;
	return (struct rf_span){list->text + start, end - start};
}

static bool has_newline(struct rf_span span)
{
	return memchr(span.text, '\n', span.length);
}

/* Of space with newlines the last of them, and the indentation behind it. */
static struct rf_span last_line(struct rf_span span)
{
	const char *newline = memrchr(span.text, '\n', span.length);
	size_t start;

	if (!newline)
		return span;
	start = (size_t)(newline - span.text);
	if (start && span.text[start - 1] == '\r')
		start--;
	return (struct rf_span){span.text + start, span.length - start};
}

/* What is between the first key of the object at @start and its value. */
static struct rf_span find_colon(const struct rf_conflist *list, size_t start)
{
	struct rf_json_scan scan = {
		.text = list->text, .length = list->length, .offset = start + 1};
	struct rf_span colon;

	rf_json_scan_space(&scan);
	rf_json_scan_string(&scan);
	colon.text = list->text + scan.offset;
	rf_json_scan_byte(&scan, ':');
	rf_json_scan_space(&scan);
	colon.length = (size_t)(list->text + scan.offset - colon.text);
	return has_newline(colon) ? SPAN(": ") : colon;
}

/* What the members are indented by more than the brace that closes them. */
static struct rf_span find_unit(struct rf_span member, struct rf_span close)
{
	if (close.length && close.length < member.length && has_newline(close) &&
	    !memcmp(member.text, close.text, close.length))
		return (struct rf_span){member.text + close.length, member.length - close.length};
	return memchr(member.text, '\t', member.length) ? SPAN("\t") : SPAN("  ");
}

static struct rf_span find_before(const struct rf_conflist *list, bool is_compact)
{
	struct rf_span before = space_before(list->text, list->plugins[list->count - 1].start);

	if (list->count == 1 && !before.length && !is_compact)
		return SPAN(" ");
	return last_line(before);
}

struct rf_conflist_layout rf_conflist_layout(const struct rf_conflist *list)
{
	const struct rf_conflist_plugin *last = &list->plugins[list->count - 1];
	struct rf_span open = space_behind(list, last->start + 1);
	struct rf_span colon = find_colon(list, last->start);
	bool is_compact = colon.length == 1 && !has_newline(open);

	struct rf_conflist_layout layout = {
		.before = find_before(list, is_compact),
		.is_split = has_newline(open),
		.member = last_line(open),
		.close = last_line(space_before(list->text, last->end - 1)),
		.colon = colon,
		.comma = colon.length == 1 ? SPAN(",") : SPAN(", "),
	};

	layout.unit = find_unit(layout.member, layout.close);
	return layout;
}

static void put(FILE *stream, struct rf_span span)
{
	fwrite(span.text, 1, span.length, stream);
}

/* Before a member of what is @depth levels below the plugin. */
static void begin_line(const struct rf_conflist_layout *layout, size_t depth, FILE *stream)
{
	put(stream, layout->member);
	for (size_t i = 0; i < depth; i++)
		put(stream, layout->unit);
}

static void put_string(const char *text, FILE *stream)
{
	cJSON *string = cJSON_CreateStringReference(text);
	char *printed = cJSON_PrintUnformatted(string);

	fputs(printed ? printed : "", stream);
	cJSON_free(printed);
	cJSON_Delete(string);
}

static bool is_flat(const cJSON *container)
{
	const cJSON *item;

	cJSON_ArrayForEach (item, container)
		if (item->child)
			return false;
	return true;
}

static void put_value(const struct rf_conflist_layout *layout, const cJSON *value, size_t depth,
		      FILE *stream);

static void put_items(const struct rf_conflist_layout *layout, const cJSON *container, size_t depth,
		      FILE *stream)
{
	bool is_object = cJSON_IsObject(container);
	bool is_split = layout->is_split && (is_object || !is_flat(container));
	const cJSON *item;

	fputc(is_object ? '{' : '[', stream);
	cJSON_ArrayForEach (item, container) {
		if (item != container->child)
			put(stream, is_split ? SPAN(",") : layout->comma);
		if (is_split)
			begin_line(layout, depth, stream);
		else if (is_object && item == container->child)
			put(stream, layout->member);
		if (is_object) {
			put_string(item->string, stream);
			put(stream, layout->colon);
		}
		put_value(layout, item, depth, stream);
	}
	if (!container->child)
		;
	else if (!depth || (!is_split && is_object))
		put(stream, layout->close);
	else if (is_split)
		begin_line(layout, depth - 1, stream);
	fputc(is_object ? '}' : ']', stream);
}

/* cJSON's depth is bounded by the reader's. */
static void put_value(const struct rf_conflist_layout *layout, const cJSON *value, size_t depth,
		      FILE *stream)
{
	char *printed;

	if (cJSON_IsObject(value) || cJSON_IsArray(value)) {
		put_items(layout, value, depth + 1, stream);
		return;
	}
	printed = cJSON_PrintUnformatted(value);
	fputs(printed ? printed : "", stream);
	cJSON_free(printed);
}

void rf_conflist_write(const struct rf_conflist_layout *layout, const cJSON *entry, FILE *stream)
{
	put(stream, layout->before);
	put_items(layout, entry, 0, stream);
}
