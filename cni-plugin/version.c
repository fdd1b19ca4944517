// SPDX-License-Identifier: Apache-2.0
#include "cni-plugin/call.h"
#include "cni-plugin/input.h"
#include "netconf/cleanup.h"
#include "netconf/json.h"

/* Long enough for a runtime that writes at once, short enough for one that never does. */
#define PATIENCE_MS 200

/* The cniVersion of the input, if that is one that we speak; else the newest. */
static const char *answer_version(const cJSON *json)
{
	const char *asked =
		cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "cniVersion"));

	return asked && rf_is_cni_version_supported(asked) ? asked : rf_cni_version_newest();
}

int verb_version(void)
{
	_cleanup_free_ char *input = NULL;
	_cleanup_json_ cJSON *json = NULL;
	struct rf_error ignored = {};
	size_t length;

	if (!input_read(PATIENCE_MS, &input, &length))
		rf_json_parse(input, length, &json, &ignored);
	printf("{\"cniVersion\": \"%s\", \"supportedVersions\": [", answer_version(json));
	for (size_t i = 0; rf_cni_versions[i]; i++)
		printf("%s\"%s\"", i ? ", " : "", rf_cni_versions[i]);
	puts("]}");
	return fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}
