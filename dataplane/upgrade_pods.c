// SPDX-License-Identifier: Apache-2.0
#include "dataplane/lock.h"
#include "dataplane/record_keys.h"
#include "dataplane/upgrade_steps.h"
#include "netconf/cleanup.h"

/*
 * By what the maps say of the pod, not by its record, which may be broken. An ADD that has its lock
 * looks at the pins when it has attached (rf_attach_pinned()); a DEL has nothing attached then.
 */
static int exchange(const struct rf_objects *objects, uint32_t pod_id, uint64_t owner,
		    struct rf_error *error)
{
	const struct rf_pod_state *state = &objects->pod_state[pod_id];
	struct rf_attach_point point = {.owner = owner};
	_cleanup_close_ int turn = -1;
	bool found = false;
	int ret = rf_lock_attachment(owner, &turn, error);

	if (ret || state->owner != owner)
		return ret;
	point.ifindex = state->ifindex;
	ret = rf_attach_exchange(objects, &point, &found, error);
	/* Without a policy it is not attached yet, or not any more. */
	if (!ret && !found && state->policy)
		ret = rf_fail(error, RF_CODE_ATTACH, -ENOENT,
			      "no program is attached for it at ifindex %u: the interface is gone, "
			      "or in another network namespace",
			      point.ifindex);
	return ret;
}

static void warn_of(uint32_t pod_id, const struct rf_attachment_key *key,
		    void (*warn)(const struct rf_error *warning), struct rf_error *failure)
{
	_cleanup_record_ struct rf_record record = {};
	char text[600];

	if (key && !rf_record_read(key, &record, NULL))
		rf_record_pod_text(&record, text);
	else
		snprintf(text, sizeof(text), "id %u", pod_id);
	rf_error_context(failure, "pod %s keeps the programs that it has until it is added again",
			 text);
	warn(failure);
}

int rf_upgrade_pods(const struct rf_objects *objects, void (*warn)(const struct rf_error *warning),
		    struct rf_error *error)
{
	_cleanup_record_keys_ struct rf_record_keys keys = {};
	int result = 0;

	/* Only for the names of pods. */
	rf_record_keys_list(&keys);
	for (uint32_t id = 1; id < objects->max_entries[RF_MAP_POD_STATE]; id++) {
		uint64_t owner = objects->pod_state[id].owner;
		struct rf_error failure = {};
		int ret = owner ? exchange(objects, id, owner, &failure) : 0;

		if (ret && failure.code == RF_CODE_TRY_AGAIN && error) {
			*error = failure;
			result = ret;
		} else if (ret) {
			warn_of(id, rf_record_keys_find(&keys, owner), warn, &failure);
		}
	}
	return result;
}
