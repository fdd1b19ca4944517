/* SPDX-License-Identifier: Apache-2.0 */
#include "netconf/error.h"

#include "netconf/cleanup.h"
#include "netconf/cni_version.h"
#include "netconf/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define CODE_TEXT(name, number, meaning) {RF_CODE_##name, meaning},

const struct rf_code_text rf_code_texts[] = {RF_CODES(CODE_TEXT){RF_CODE_NONE, NULL}};

static const char cut_mark[] = "...";

/* Let the text in @size bytes, which is full, end in "..." and not within a character. */
static void mark_cut(char *text, size_t size)
{
	size_t end = size - sizeof(cut_mark);

	while (end > 0 && ((unsigned char)text[end] & 0xc0) == 0x80)
		end--;
	memcpy(text + end, cut_mark, sizeof(cut_mark));
}

/*
 * Names from outside come into messages: keys, environment variables, paths. What is no UTF-8 would
 * break the error document, and control characters (C1 ones too) a terminal.
 */
static void make_printable(char *text)
{
	size_t length = strlen(text);
	size_t step;

	for (char *at = text; *at; at += step, length -= step) {
		step = rf_utf8_sequence(at, length);
		if (step == 2 && (unsigned char)at[0] == 0xc2 && (unsigned char)at[1] < 0xa0)
			step = 0;
		if (step == 0 || (unsigned char)*at < 0x20 || *at == 0x7f) {
			*at = '?';
			step = 1;
		}
	}
}

__attribute__((format(printf, 3, 0))) static void format_text(char *text, size_t size,
							      const char *format, va_list arguments)
{
	int length = vsnprintf(text, size, format, arguments);

	if (length < 0)
		text[0] = '\0';
	else if ((size_t)length >= size)
		mark_cut(text, size);
	make_printable(text);
}

__attribute__((format(printf, 3, 4))) static void join_text(char *text, size_t size,
							    const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	format_text(text, size, format, arguments);
	va_end(arguments);
}

static void fill(struct rf_error *error, enum rf_code code, const char *message)
{
	error->code = code;
	memcpy(error->message, message, strlen(message) + 1);
}

int rf_fail(struct rf_error *error, enum rf_code code, int errnum, const char *format, ...)
{
	char message[RF_MESSAGE_SIZE];
	va_list arguments;

	if (!error)
		return errnum;
	va_start(arguments, format);
	format_text(message, sizeof(message), format, arguments);
	va_end(arguments);
	fill(error, code, message);
	return errnum;
}

/* Answers of the kernel that another time may be others. Lack of memory and of files is not among
 * them: it may last, and what to do about it is another matter. */
static bool is_transient(int errnum)
{
	return errnum == -EAGAIN || errnum == -EINTR || errnum == -ENOBUFS || errnum == -ETIMEDOUT;
}

int rf_fail_system(struct rf_error *error, enum rf_code code, int errnum, const char *format, ...)
{
	char message[RF_MESSAGE_SIZE];
	char whole[RF_MESSAGE_SIZE];
	char reason_buffer[128];
	va_list arguments;

	if (!error)
		return errnum;
	va_start(arguments, format);
	format_text(message, sizeof(message), format, arguments);
	va_end(arguments);
	join_text(whole, sizeof(whole), "%s: %s", message,
		  strerror_r(-errnum, reason_buffer, sizeof(reason_buffer)));
	fill(error, is_transient(errnum) ? RF_CODE_TRY_AGAIN : code, whole);
	return errnum;
}

void rf_error_context(struct rf_error *error, const char *format, ...)
{
	char context[RF_MESSAGE_SIZE];
	char whole[RF_MESSAGE_SIZE];
	va_list arguments;

	if (!error)
		return;
	va_start(arguments, format);
	format_text(context, sizeof(context), format, arguments);
	va_end(arguments);
	join_text(whole, sizeof(whole), "%s: %s", context, error->message);
	memcpy(error->message, whole, sizeof(whole));
}

void rf_error_hint(struct rf_error *error, const char *format, ...)
{
	char details[RF_DETAILS_SIZE];
	va_list arguments;

	if (!error)
		return;
	va_start(arguments, format);
	format_text(details, sizeof(details), format, arguments);
	va_end(arguments);
	memcpy(error->details, details, sizeof(details));
}

char *rf_error_to_json(const struct rf_error *error, const char *cni_version)
{
	_cleanup_json_ cJSON *document = cJSON_CreateObject();

	if (!cni_version)
		cni_version = rf_cni_version_newest();
	if (!cJSON_AddStringToObject(document, "cniVersion", cni_version) ||
	    !cJSON_AddNumberToObject(document, "code", error->code) ||
	    !cJSON_AddStringToObject(document, "msg", error->message) ||
	    !cJSON_AddStringToObject(document, "details", error->details))
		return NULL;
	return cJSON_PrintUnformatted(document);
}
