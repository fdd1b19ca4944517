/* SPDX-License-Identifier: Apache-2.0 */
/* A key of a feature that is not there yet; see netconf_keys.h. */
#include "netconf/netconf_keys.h"

#include <errno.h>

static int check_socket(const cJSON *value, const struct rf_place *place, void *target,
			struct rf_error *error)
{
	(void)target;
	return rf_read_path(value, place, error);
}

static int check_fallback(const cJSON *value, const struct rf_place *place, void *target,
			  struct rf_error *error)
{
	static const char *const names[] = {"deny", "allow", "policy", NULL};
	size_t choice;

	(void)target;
	return rf_read_choice(value, place, names, &choice, error);
}

int rf_read_agent(const cJSON *value, const struct rf_place *place, void *target,
		  struct rf_error *error)
{
	static const struct rf_field fields[] = {
		{"socket", check_socket},
		{"fallback", check_fallback},
		{NULL, NULL},
	};
	int result = rf_read_object(value, place, fields, target, error);

	return result < 0 ? result : rf_fail_not_supported_yet(error, place, value);
}
