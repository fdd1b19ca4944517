/* SPDX-License-Identifier: Apache-2.0 */
/* Colours, which are on a terminal only. */
#ifndef RINGFENCE_CTL_OUTPUT_STYLE_H
#define RINGFENCE_CTL_OUTPUT_STYLE_H

#include <stdbool.h>

enum style {
	STYLE_PLAIN,
	STYLE_TITLE,
	STYLE_GOOD,
	STYLE_WARNING,
	STYLE_BAD,
	STYLE_FAINT,
};

/* Whether stdout is a terminal that obeys escape sequences: TERM is set, and not "dumb". */
bool style_is_obeyed(void);

/* What begins @style on stdout; "" unless it is a terminal, or if NO_COLOR is set
 * (https://no-color.org). */
const char *style_on(enum style style);

/* What ends it. */
const char *style_off(enum style style);

#endif
