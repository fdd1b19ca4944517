// SPDX-License-Identifier: Apache-2.0
#include "cni-plugin/request.h"

int verb_del(struct call *call, struct rf_error *error)
{
	struct rf_attachment_key key = request_key(call);

	/* By record alone: the configuration may have changed since ADD, and the netns may be gone.
	 */
	return rf_attachment_remove(&key, error);
}
