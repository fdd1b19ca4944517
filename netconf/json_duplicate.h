/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RINGFENCE_NETCONF_JSON_DUPLICATE_H
#define RINGFENCE_NETCONF_JSON_DUPLICATE_H

#include <cjson/cJSON.h>
#include <stddef.h>

/* A key that its object holds already. */
struct rf_json_duplicate {
	const char *key; /* points into the tree; NULL: every key is there once */
	size_t number;   /* of its second occurrence among all keys of the document, from 1 */
};

/* Look through the whole tree, in n log n. Returns 0, found or not, or -ENOMEM. */
int rf_json_find_duplicate(const cJSON *json, struct rf_json_duplicate *out);

#endif
