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
	struct rf_result_address
		*addresses; /* those on container interfaces, in order, each once */
	size_t address_count;
	char *text; /* prevResult in the configuration's version; ends in NUL */
};

/*
 * Read a result. @text of @length is the very text of @json, from brace to brace.
 *
 * The result has the form of its own cniVersion, and of @cni_version where it has none; what is
 * passed on has the form of @cni_version, since earlier plugins of a chain may ignore the version
 * that they were asked for: "cniVersion" is set, and "version" of each address is added below 1.0.0
 * and removed from 1.0.0 on. All the rest is passed on to the byte, also keys that a version does
 * not have.
 *
 * Refused (DECODE): not an object, "{}" or one with neither interfaces nor ips, an ips[].address
 * without length, an ips[].interface out of range, a result below 1.0.0 with an ips[].version that
 * is wrong or missing, a cniVersion that is not supported. More than RF_ADDRESSES_MAX addresses are
 * CONFIG. Addresses on interfaces with an empty or absent sandbox are the host's, and left out. On
 * failure *@out is untouched.
 */
int rf_result_parse(const struct cJSON *json, const char *text, size_t length,
		    const char *cni_version, struct rf_result *out, struct rf_error *error);

/*
 * Why no pod's interface can be reached at @address: a phrase such as "is a multicast address";
 * NULL if it can be. Link-local ones can. The interface of the call decides whether that matters: a
 * chain may report the addresses of lo, too.
 */
const char *rf_result_address_fault(const struct rf_result_address *address);

/* Free what the result holds, and zero it. */
void rf_result_free(struct rf_result *result);

#endif
