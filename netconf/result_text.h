/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A result as text: in the form that its own cniVersion has, and in the form that is passed on.
 * Below 1.0.0 each of "ips" says its family ("version": "4" or "6"), from 1.0.0 on none does.
 */
#ifndef RINGFENCE_NETCONF_RESULT_TEXT_H
#define RINGFENCE_NETCONF_RESULT_TEXT_H

#include "netconf/error.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Set *@says_family to whether the addresses of the result @json say their family: by its own
 * cniVersion, or by @cni_version where it has none. Refused (DECODE): a cniVersion that is not
 * supported, or no string.
 */
int rf_result_check_version(const cJSON *json, const char *cni_version, bool *says_family,
			    struct rf_error *error);

/*
 * The text of a checked result in the form of @cni_version: its cniVersion and the families of its
 * addresses are set, added or removed where that is needed, and all the rest is the same to the
 * byte. @text of @length is that of @json, from brace to brace, and not empty. The caller owns
 * *@out.
 */
int rf_result_text(const cJSON *json, const char *text, size_t length, const char *cni_version,
		   char **out, struct rf_error *error);

#endif
