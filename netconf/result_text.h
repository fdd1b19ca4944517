/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RINGFENCE_NETCONF_RESULT_TEXT_H
#define RINGFENCE_NETCONF_RESULT_TEXT_H

#include "netconf/error.h"

#include <cjson/cJSON.h>
#include <stddef.h>

/*
 * Check that the result's own cniVersion, if it has one, is of the same form as @cni_version: a
 * chain's earlier plugin may have left it out, or written another version of that form.
 */
int rf_result_check_version(const cJSON *json, const char *cni_version, struct rf_error *error);

/*
 * The text of a checked result, to the byte, save that its cniVersion is @cni_version. @text begins
 * with the brace of an object that is not empty. The caller owns *@out.
 */
int rf_result_text(const char *text, size_t length, const char *cni_version, char **out,
		   struct rf_error *error);

#endif
