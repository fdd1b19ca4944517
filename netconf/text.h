/* SPDX-License-Identifier: Apache-2.0 */
/* A text that grows at its end. Internal to netconf. */
#ifndef RINGFENCE_NETCONF_TEXT_H
#define RINGFENCE_NETCONF_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A zeroed one is empty. */
struct rf_text {
	char *bytes; /* malloc()ed; not ended by NUL */
	size_t length;
	size_t capacity;
	bool failed; /* memory was out, and nothing was added since */
};

void rf_text_add(struct rf_text *text, const char *string);
void rf_text_add_number(struct rf_text *text, uint32_t number);

/* The text, ended by NUL, which is the caller's; NULL if memory was out. */
char *rf_text_take(struct rf_text *text);

#endif
