/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What ringfence takes from prevResult (CNI 1.1.0, "Success"): the addresses of the container's
 * interface, and the text itself, which is passed on.
 */
#ifndef RINGFENCE_NETCONF_RESULT_H
#define RINGFENCE_NETCONF_RESULT_H

#include "netconf/error.h"
#include "netconf/prefix.h"

#include <stddef.h>

struct cJSON;

#define RF_ADDRESSES_MAX 16 /* addresses of one pod interface */

struct rf_result_address {
	struct rf_prefix address;
	char interface[16]; /* name of the container interface that it is on; "" if not said */
};

struct rf_result {
	struct rf_result_address *addresses; /* those on container interfaces, in order */
	size_t address_count;
	char *text; /* prevResult to the byte, save its cniVersion; ends in NUL */
};

/*
 * Read a result in the form of @cni_version. @text of @length is the very text of @json, from brace
 * to brace. Of it nothing is changed but "cniVersion", which becomes @cni_version: earlier plugins
 * of a chain leave it out, or write another version of the same form (0.3.0 to 0.4.0, 1.0.0 on).
 * Refused (DECODE): not an object, "{}" or one with neither interfaces nor ips, an ips[].address
 * without length, an ips[].interface out of range, a wrong ips[].version below 1.0.0, a cniVersion
 * of another form. More than RF_ADDRESSES_MAX addresses are CONFIG. Addresses on interfaces with an
 * empty or absent sandbox are the host's, and left out. On failure *@out is untouched.
 */
int rf_result_parse(const struct cJSON *json, const char *text, size_t length,
		    const char *cni_version, struct rf_result *out, struct rf_error *error);

/* Free what the result holds, and zero it. */
void rf_result_free(struct rf_result *result);

#endif
