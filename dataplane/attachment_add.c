// SPDX-License-Identifier: Apache-2.0
#include "dataplane/attachment.h"
#include "dataplane/heal.h"
#include "dataplane/link/netns.h"
#include "dataplane/lock.h"
#include "dataplane/other_abis.h"
#include "dataplane/pod.h"
#include "dataplane/policy/generation.h"
#include "dataplane/policy/store.h"
#include "dataplane/record_policy.h"
#include "netconf/cleanup.h"

#include <string.h>

static int draw_record(const struct rf_attachment_request *request, struct rf_record *out,
		       struct rf_error *error)
{
	const struct rf_result *result = &request->netconf->previous_result;
	_cleanup_record_ struct rf_record record = {
		.network = strdup(request->key.network),
		.container = strdup(request->key.container),
		.interface = strdup(request->key.interface),
		.pod_namespace = strdup(request->pod_namespace),
		.pod_name = strdup(request->pod_name),
		.host_interface = strdup(request->veth.name),
		.abi = RF_ABI,
		.netns = rf_netns_own(),
		.treatment = request->netconf->treatment,
		.point = {.ifindex = request->veth.ifindex, .owner = rf_owner(&request->key)},
	};

	if (!record.network || !record.container || !record.interface || !record.pod_namespace ||
	    !record.pod_name || !record.host_interface ||
	    rf_configured_draw(request->netconf, &record.configured))
		return rf_fail_system(error, RF_CODE_INTERNAL, -ENOMEM, "attachment record");
	for (size_t i = 0; i < result->address_count; i++) {
		const struct rf_result_address *address = &result->addresses[i];

		/* A pod may have several interfaces: this call is about one of them. */
		if (!address->interface[0] || !strcmp(address->interface, request->key.interface))
			record.addresses[record.address_count++] = address->address.address;
	}
	*out = record;
	record = (struct rf_record){};
	return 0;
}

/* An addition under way, and what a failure of it needs to know. */
struct addition {
	const struct rf_objects *objects;
	const struct rf_attachment_request *request;
	struct rf_policy_plan plan;
	struct rf_record record;
	struct rf_record before; /* the record of an earlier add */
	bool was_there;
	bool begun; /* something of it may have been written */
	bool held;  /* the programs are attached already */
};

static void free_addition(struct addition *addition)
{
	rf_policy_plan_free(&addition->plan);
	rf_record_free(&addition->record);
	rf_record_free(&addition->before);
}

static int find_earlier(struct addition *addition, struct rf_error *error)
{
	struct rf_attach_point *point = &addition->record.point;
	int ret = rf_record_read(&addition->request->key, &addition->before, error);

	if (ret)
		return ret == -ENOENT ? 0 : ret;
	addition->was_there = true;
	/* What an earlier call has made is still ours to remove. */
	if (addition->before.point.ifindex == point->ifindex)
		point->made_qdisc |= addition->before.point.made_qdisc;
	return 0;
}

/* What an earlier add has put into the maps is all there, for the same place. (A qdisc that is to
 * be made must be in the record first.) */
static bool stands(const struct addition *addition, const struct rf_record *before)
{
	const struct rf_attach_point *now = &addition->record.point;

	return before->point.ifindex == now->ifindex && before->point.mode == now->mode &&
	       before->point.made_qdisc >= now->made_qdisc &&
	       !rf_pod_check(addition->objects, before, NULL) &&
	       rf_pod_policy(addition->objects, before->pod_id) == before->policy_id;
}

/*
 * The pod of an earlier add is attached again before anything of it changes: what fails here leaves
 * the former policy in force, and nothing can fail after the switch to the new one.
 */
static int hold(struct addition *addition, struct rf_error *error)
{
	_cleanup_record_ struct rf_record before = {};
	int ret;

	if (rf_record_read(&addition->request->key, &before, NULL) || !stands(addition, &before))
		return 0;
	ret = rf_attach_pinned(addition->objects, &addition->record.point, error);
	addition->held = !ret;
	return ret;
}

/* An earlier attachment elsewhere, or in the other mode, must not stay behind. */
static int leave_earlier_point(const struct addition *addition, struct rf_error *error)
{
	const struct rf_attach_point *before = &addition->before.point;
	const struct rf_attach_point *now = &addition->record.point;

	return addition->was_there ? rf_detach_earlier(before, now, error) : 0;
}

/* As it is kept for when the pod's policy is made again. */
static const char *own_policy(const struct addition *addition)
{
	return addition->request->own_policy ? addition->request->own_policy
					     : addition->plan.document;
}

/* Record, policy, pod: each names what the next one makes. */
static int write_all(struct addition *addition, struct rf_error *error)
{
	struct rf_pod_state settings = rf_pod_settings(&addition->record);
	struct rf_record *record = &addition->record;
	int ret;

	addition->begun = true;
	ret = rf_record_write(record, error);
	if (!ret)
		ret = rf_record_policy_keep(record, own_policy(addition), error);
	if (ret)
		return ret;
	rf_pod_claim(addition->objects, record);
	ret = rf_policy_realise(addition->objects, &addition->plan, error);
	if (!ret)
		ret = rf_pod_publish(addition->objects, record, &settings, error);
	if (ret)
		return ret;
	if (addition->was_there)
		rf_pod_leave(addition->objects, &addition->before, record);
	/* The pod has its policy. One that nobody has any more waits for the next sweep if it must.
	 */
	rf_policy_sweep(addition->objects, NULL);
	rf_record_policy_sweep(NULL);
	return 0;
}

/* Everything that is under the lock. */
static int enter(struct addition *addition, struct rf_error *error)
{
	struct rf_record *record = &addition->record;
	_cleanup_close_ int lock = -1;
	int ret = rf_lock(&lock, error);

	/* Another ABI's call may have removed them while no record needed them. */
	if (!ret)
		ret = rf_objects_check_pinned(addition->objects, error);
	if (!ret && !rf_policy_generation_is(&addition->request->generation))
		ret = -ESTALE;
	if (!ret)
		ret = find_earlier(addition, error);
	if (!ret)
		ret = rf_pod_allocate(addition->objects, record->point.owner, &record->pod_id,
				      &record->incarnation, error);
	if (!ret)
		ret = rf_policy_settle(addition->objects, &addition->request->netconf->policy,
				       &addition->plan, error);
	if (!ret)
		ret = rf_record_policy_name(own_policy(addition), &record->configured.policy,
					    error);
	if (ret)
		return ret;
	record->policy_id = addition->plan.id;
	ret = write_all(addition, error);
	if (ret && addition->was_there) {
		rf_pod_leave(addition->objects, record, &addition->before);
		rf_record_write(&addition->before, NULL);
		rf_record_policy_keep(&addition->before, NULL, NULL);
		rf_policy_sweep(addition->objects, NULL);
	}
	return ret;
}

static int add(const struct rf_objects *objects, const struct rf_attachment_request *request,
	       struct rf_error *error)
{
	__attribute__((cleanup(free_addition))) struct addition addition = {
		.objects = objects,
		.request = request,
	};
	_cleanup_close_ int turn = -1;
	int ret = draw_record(request, &addition.record, error);

	if (!ret)
		ret = rf_policy_prepare(objects, &request->netconf->policy, &addition.plan, error);
	if (!ret)
		ret = rf_lock_attachment(addition.record.point.owner, &turn, error);
	if (!ret)
		ret = rf_attach_settle(objects, request->netconf->attach, &addition.record.point,
				       error);
	if (!ret)
		ret = hold(&addition, error);
	if (!ret)
		ret = enter(&addition, error);
	if (!ret && !addition.held)
		ret = rf_attach_pinned(objects, &addition.record.point, error);
	if (!ret)
		ret = leave_earlier_point(&addition, error);
	if (!ret)
		rf_other_abis_forget(addition.record.point.owner);
	/* The failure is what is reported; what cannot be removed now, the runtime's DEL removes.
	 */
	if (ret && addition.begun && !addition.was_there)
		rf_attachment_undo(&request->key, NULL);
	return ret;
}

int rf_attachment_add(const struct rf_objects *objects, const struct rf_attachment_request *request,
		      struct rf_error *error)
{
	int ret = add(objects, request, error);

	if (ret != -ENOSPC)
		return ret;
	/* What is full may be full of pods that are long gone. Another call may have healed them in
	 * this moment, so how many there were does not matter. */
	rf_heal(objects, RF_HEAL_ALL);
	if (error)
		*error = (struct rf_error){};
	return add(objects, request, error);
}
