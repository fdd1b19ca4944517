/* SPDX-License-Identifier: Apache-2.0 */
/* How the plugins of a list are laid out: white space, of which JSON leaves the choice. Internal to
 * netconf. */
#ifndef RINGFENCE_NETCONF_CONFLIST_LAYOUT_H
#define RINGFENCE_NETCONF_CONFLIST_LAYOUT_H

#include "netconf/conflist.h"

#include <stdbool.h>
#include <stdio.h>

/* A part of the list's text, or a static one. */
struct rf_span {
	const char *text;
	size_t length;
};

struct rf_conflist_layout {
	struct rf_span before; /* between the comma and the plugin's brace */
	bool is_split;         /* each member has a line of its own */
	struct rf_span member; /* before each member, with the newline if is_split */
	struct rf_span close;  /* before the closing brace */
	struct rf_span unit;   /* what one level deeper is indented by */
	struct rf_span colon;  /* with the space around it */
	struct rf_span comma;  /* between what is on one line */
};

/* The layout of the list's last plugin; borrows from the list's text. */
struct rf_conflist_layout rf_conflist_layout(const struct rf_conflist *list);

/* Write @entry, an object, so, with what is between the comma and it. */
void rf_conflist_write(const struct rf_conflist_layout *layout, const cJSON *entry, FILE *stream);

#endif
