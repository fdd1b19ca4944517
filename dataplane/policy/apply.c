// SPDX-License-Identifier: Apache-2.0
#include "dataplane/policy/apply.h"
#include "dataplane/lock.h"
#include "dataplane/pod.h"
#include "dataplane/policy/store.h"
#include "netconf/cleanup.h"

/* The record names the new policy before anything of it is written, and the old one if it fails. */
static int exchange(const struct rf_objects *objects, struct rf_record *record,
		    const struct rf_policy_plan *plan, struct rf_error *error)
{
	int ret;

	record->policy_id = plan->id;
	ret = rf_record_write(record, error);
	if (!ret)
		ret = rf_policy_realise(objects, plan, error);
	if (!ret)
		ret = rf_pod_switch_policy(objects, record->pod_id, plan->id, error);
	if (ret) {
		record->policy_id = rf_pod_policy(objects, record->pod_id);
		rf_record_write(record, NULL);
		rf_policy_sweep(objects, NULL);
		return ret;
	}
	return rf_policy_sweep(objects, error);
}

int rf_policy_apply(const struct rf_objects *objects, const struct rf_attachment_key *key,
		    const struct rf_policy *policy, bool *changed, struct rf_error *error)
{
	_cleanup_plan_ struct rf_policy_plan plan = {};
	_cleanup_record_ struct rf_record record = {};
	_cleanup_close_ int lock = -1;
	int ret = rf_policy_prepare(objects, policy, &plan, error);

	if (!ret)
		ret = rf_lock(&lock, error);
	if (ret)
		return ret;
	ret = rf_record_read(key, &record, error);
	if (ret == -ENOENT)
		return rf_fail(error, RF_CODE_RECORD, ret, "container %s has no attachment",
			       key->container);
	if (!ret)
		ret = rf_pod_check(objects, &record, error);
	if (!ret)
		ret = rf_policy_settle(objects, policy, &plan, error);
	if (ret)
		return ret;
	*changed = plan.id != rf_pod_policy(objects, record.pod_id);
	return *changed ? exchange(objects, &record, &plan, error) : 0;
}
