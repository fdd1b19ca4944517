// SPDX-License-Identifier: Apache-2.0
#include "ctl/explain/explain_end.h"
#include "netconf/prefix.h"

#include <errno.h>
#include <string.h>

int explain_end_read(const struct pods *pods, const char *text, struct explain_end *out,
		     const char **why, struct rf_error *error)
{
	struct rf_error unknown = {};
	struct rf_prefix prefix;
	const struct pod *pod;
	const char *fault = "";
	int ret;

	*why = "is no address, and no pod (ringfencectl pod list)";
	if (!strchr(text, '/') && !rf_prefix_parse(text, &prefix, &fault)) {
		*out = (struct explain_end){.addresses = {prefix.address}, .count = 1};
		return 0;
	}
	/* No pod is called so. */
	if (!strchr(text, '/') && strchr(text, ':')) {
		*why = fault;
		return -ENOENT;
	}
	ret = pods_resolve(pods, text, &pod, &unknown);
	if (ret && ret != -ENOENT)
		*error = unknown;
	if (ret)
		return ret;
	out->count = pod->record.address_count;
	memcpy(out->addresses, pod->record.addresses, sizeof(out->addresses));
	return 0;
}
