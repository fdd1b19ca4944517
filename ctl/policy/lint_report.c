// SPDX-License-Identifier: Apache-2.0
#include "ctl/output/display.h"
#include "ctl/output/style.h"
#include "ctl/output/table.h"
#include "ctl/policy/lint.h"
#include "netconf/cleanup.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void lint_report(struct lint *lint, enum lint_level level, const char *path, size_t line,
		 const char *format, ...)
{
	/* As compilers have it, so that editors find the place. */
	const char *name = level == LINT_FAULT ? "error" : "warning";
	enum style style = level == LINT_FAULT ? STYLE_BAD : STYLE_WARNING;
	char *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		abort();
	va_end(arguments);
	*(level == LINT_FAULT ? &lint->faults : &lint->warnings) += 1;
	if (lint->json) {
		_cleanup_json_ cJSON *json = cJSON_CreateObject();
		_cleanup_free_ char *row = NULL;

		cJSON_AddStringToObject(json, "file", path);
		row_add_id(json, "line", line);
		cJSON_AddStringToObject(json, "level", level == LINT_FAULT ? "fault" : "warning");
		cJSON_AddStringToObject(json, "message", text);
		row = cJSON_PrintUnformatted(json);
		display_utf8(row);
		printf("%s%s", lint->found ? ",\n" : "", row);
	} else {
		display_clean(text);
		display_print(path);
		putchar(':');
		if (line)
			printf("%zu:", line);
		printf(" %s%s%s: %s\n", style_on(style), name, style_off(style), text);
	}
	lint->found++;
	free(text);
}
