// SPDX-License-Identifier: Apache-2.0
#include "ctl/output/style.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool style_is_obeyed(void)
{
	const char *terminal = getenv("TERM");

	return isatty(STDOUT_FILENO) && terminal && strcmp(terminal, "dumb") != 0;
}

static bool has_colours(void)
{
	static int known = -1;

	if (known < 0) {
		const char *no_color = getenv("NO_COLOR");

		known = style_is_obeyed() && !(no_color && *no_color);
	}
	return known;
}

const char *style_on(enum style style)
{
	static const char *const codes[] = {
		[STYLE_PLAIN] = "",           [STYLE_TITLE] = "\033[1m", [STYLE_GOOD] = "\033[32m",
		[STYLE_WARNING] = "\033[33m", [STYLE_BAD] = "\033[31m",  [STYLE_FAINT] = "\033[2m",
	};

	return has_colours() ? codes[style] : "";
}

const char *style_off(enum style style)
{
	return style != STYLE_PLAIN && has_colours() ? "\033[0m" : "";
}
