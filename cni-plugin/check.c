// SPDX-License-Identifier: Apache-2.0
#include "cni-plugin/request.h"
#include "dataplane/bpffs.h"

#include <errno.h>

int verb_check(struct call *call, struct rf_error *error)
{
	_cleanup_objects_ struct rf_objects objects = RF_OBJECTS_NONE;
	struct rf_attachment_request request;
	int ret = request_make(call, &request, error);

	if (ret)
		return ret;
	ret = rf_objects_open(&objects, error);
	if (ret == -ENOENT)
		rf_fail(error, RF_CODE_NOT_IN_FORCE, ret, "no programs and maps are pinned");
	else if (!ret)
		ret = rf_attachment_check(&objects, &request, error);
	/* The pod may well be protected, by what is pinned below. */
	if (ret && error->code == RF_CODE_NOT_IN_FORCE && !error->details[0])
		rf_bpffs_explain(error);
	return ret;
}
