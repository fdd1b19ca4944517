/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A runtime's list of plugins (CNI 1.1.0, "Network configuration format"), and the edits of it: in
 * its text, of which everything else stays as it is to the byte.
 */
#ifndef RINGFENCE_NETCONF_CONFLIST_H
#define RINGFENCE_NETCONF_CONFLIST_H

#include "netconf/error.h"

#include <cjson/cJSON.h>
#include <stddef.h>

/* What an entry of ringfence has as its "type". */
#define RF_PLUGIN_TYPE "ringfence"

struct rf_conflist_plugin {
	const char *type; /* borrowed from the list's tree */
	size_t start;     /* of its text: of its brace, */
	size_t end;       /* and behind its last byte */
};

struct rf_conflist {
	const char *text; /* borrowed */
	size_t length;
	cJSON *json;
	struct rf_conflist_plugin *plugins;
	size_t count; /* at least 1 */
};

/*
 * Read @length bytes of @text, which must outlive the list. DECODE if it is no JSON, CONFIG if a
 * runtime would not take it as a list: no name, no plugins, a plugin without type, or a single
 * plugin's configuration, with the way to make a list of that. The caller has zeroed *@out, and
 * owns it on success (rf_conflist_free()); on failure it is untouched.
 */
int rf_conflist_read(const char *text, size_t length, struct rf_conflist *out,
		     struct rf_error *error);
void rf_conflist_free(struct rf_conflist *list);
#define _cleanup_conflist_ __attribute__((cleanup(rf_conflist_free)))

/* How many plugins of @type the list has; *@first, which may be NULL, is the first one's place. */
size_t rf_conflist_find(const struct rf_conflist *list, const char *type, size_t *first);

/*
 * Read plugin @index as ringfence's configuration, with the name and the version that a runtime
 * would give it. The codes of rf_netconf_parse().
 */
int rf_conflist_check(const struct rf_conflist *list, size_t index, struct rf_error *error);

/*
 * The list's text with @entry as its last plugin, laid out as the plugin before it is. *@out is
 * malloc()ed and the caller's. 0 or -ENOMEM.
 */
int rf_conflist_append(const struct rf_conflist *list, const cJSON *entry, char **out,
		       size_t *out_length);

/*
 * The list's text without the plugins of @type: what rf_conflist_append() was given, if they are as
 * it wrote them. -EINVAL if no other plugin would be left, -ENOMEM. *@out is the caller's.
 */
int rf_conflist_remove(const struct rf_conflist *list, const char *type, char **out,
		       size_t *out_length);

#endif
