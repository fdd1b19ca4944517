// SPDX-License-Identifier: Apache-2.0
#include "dataplane/policy/apply.h"
#include "dataplane/lock.h"
#include "dataplane/pod.h"
#include "netconf/cleanup.h"

#include <string.h>

/* The record names the new policy before anything of it is written, and the old one if it fails. */
static int exchange(const struct rf_objects *objects, struct rf_record *record,
		    const struct rf_policy_plan *plan, struct rf_error *error)
{
	int ret;

	record->policy_id = plan->id;
	ret = rf_record_write(record, error);
	if (!ret)
		ret = rf_policy_realise(objects, plan, error);
	if (!ret && rf_pod_policy(objects, record->pod_id) != plan->id)
		ret = rf_pod_switch_policy(objects, record->pod_id, plan->id, error);
	if (ret) {
		record->policy_id = rf_pod_policy(objects, record->pod_id);
		rf_record_write(record, NULL);
	}
	/* The pod has its policy. One that nobody has any more waits for the next sweep if it must.
	 */
	rf_policy_sweep(objects, NULL);
	return ret;
}

static bool is_in_force(const struct rf_objects *objects, uint32_t id)
{
	for (uint32_t pod = 1; pod < objects->max_entries[RF_MAP_POD_STATE]; pod++)
		if (rf_pod_policy(objects, pod) == id)
			return true;
	return false;
}

/* An id is never given twice, and what a pod is judged under is not swept: there is nothing to look
 * for if the plan has been settled before and somebody is under it. */
static int settle(const struct rf_objects *objects, const struct rf_policy *policy,
		  struct rf_policy_plan *plan, struct rf_error *error)
{
	if (!plan->id || !is_in_force(objects, plan->id))
		return rf_policy_settle(objects, policy, plan, error);
	plan->is_new = false;
	return 0;
}

static int change(const struct rf_objects *objects, struct rf_record *record,
		  const struct rf_policy *policy, struct rf_policy_plan *plan, bool *changed,
		  struct rf_error *error)
{
	int ret = rf_pod_check(objects, record, error);

	if (!ret)
		ret = settle(objects, policy, plan, error);
	if (ret)
		return ret;
	*changed = plan->id != rf_pod_policy(objects, record->pod_id);
	/* A kill may have left the record of a policy that never came into force. */
	return *changed || record->policy_id != plan->id ? exchange(objects, record, plan, error)
							 : 0;
}

int rf_policy_apply(const struct rf_objects *objects, const struct rf_attachment_key *key,
		    const struct rf_policy *policy, bool *changed, struct rf_error *error)
{
	_cleanup_plan_ struct rf_policy_plan plan = {};
	_cleanup_record_ struct rf_record record = {};
	_cleanup_close_ int turn = -1;
	_cleanup_close_ int lock = -1;
	int ret = rf_policy_prepare(objects, policy, &plan, error);

	/* A DEL that is under way has taken the pod out of the maps before its record goes. */
	if (!ret)
		ret = rf_lock_attachment(rf_owner(key), &turn, error);
	if (!ret)
		ret = rf_lock(&lock, error);
	if (!ret)
		ret = rf_record_read(key, &record, error);
	if (!ret)
		ret = change(objects, &record, policy, &plan, changed, error);
	/* A kill behind the switch has left the policy that was in force before. */
	if (!ret && !*changed)
		rf_policy_sweep(objects, NULL);
	return ret;
}

static bool is_same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool are_of_one_addition(const struct rf_record *a, const struct rf_record *b)
{
	return a->incarnation == b->incarnation &&
	       a->configured.is_known == b->configured.is_known &&
	       is_same(a->configured.policy, b->configured.policy) &&
	       is_same(a->configured.policy_directory, b->configured.policy_directory) &&
	       is_same(a->pod_namespace, b->pod_namespace) && is_same(a->pod_name, b->pod_name);
}

/* The record as it is now; call with the locks held. */
static int read_again(const struct rf_record *expected, struct rf_record *now,
		      struct rf_error *error)
{
	struct rf_attachment_key key = rf_record_key(expected);
	int ret = rf_record_read(&key, now, error);

	return !ret && !are_of_one_addition(expected, now) ? -ESTALE : ret;
}

int rf_policy_exchange(const struct rf_objects *objects, const struct rf_record *expected,
		       const struct rf_policy *policy, struct rf_policy_plan *plan, bool *changed,
		       struct rf_error *error)
{
	_cleanup_record_ struct rf_record record = {};
	_cleanup_close_ int turn = -1;
	_cleanup_close_ int lock = -1;
	int ret = rf_lock_attachment(expected->point.owner, &turn, error);

	if (!ret)
		ret = rf_lock(&lock, error);
	if (!ret)
		ret = read_again(expected, &record, error);
	return ret ? ret : change(objects, &record, policy, plan, changed, error);
}

int rf_policy_foresee(const struct rf_objects *objects, const struct rf_record *expected,
		      uint32_t id, bool *changed, struct rf_error *error)
{
	_cleanup_record_ struct rf_record record = {};
	_cleanup_close_ int turn = -1;
	_cleanup_close_ int lock = -1;
	int ret = rf_lock_attachment(expected->point.owner, &turn, error);

	if (!ret)
		ret = rf_lock(&lock, error);
	if (!ret)
		ret = read_again(expected, &record, error);
	if (!ret)
		ret = rf_pod_check(objects, &record, error);
	if (!ret)
		*changed = id != rf_pod_policy(objects, record.pod_id);
	return ret;
}
