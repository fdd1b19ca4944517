// SPDX-License-Identifier: Apache-2.0
#include "dataplane/attachment.h"
#include "dataplane/lock.h"
#include "dataplane/pod.h"
#include "dataplane/policy/store.h"
#include "netconf/cleanup.h"

#include <errno.h>
#include <string.h>

static int check_addresses(const struct rf_record *record,
			   const struct rf_attachment_request *request, struct rf_error *error)
{
	const struct rf_result *result = &request->netconf->previous_result;

	for (size_t i = 0; i < result->address_count; i++) {
		const struct rf_result_address *address = &result->addresses[i];
		char text[RF_PREFIX_TEXT];
		bool found = false;

		if (address->interface[0] && strcmp(address->interface, record->interface))
			continue;
		for (size_t j = 0; j < record->address_count; j++)
			found |= IN6_ARE_ADDR_EQUAL(&record->addresses[j],
						    &address->address.address);
		if (!found)
			return rf_fail(error, RF_CODE_NOT_IN_FORCE, -ENOENT,
				       "prevResult has address %s, which was not given at ADD",
				       rf_prefix_format(&address->address, text));
	}
	return 0;
}

static int check_in_force(const struct rf_objects *objects, const struct rf_record *record,
			  struct rf_error *error)
{
	int ret = rf_pod_check(objects, record, error);

	if (!ret && rf_pod_policy(objects, record->pod_id) != record->policy_id)
		ret = rf_fail(error, RF_CODE_NOT_IN_FORCE, -ENOENT,
			      "pod id %u is judged under policy %u, not %u", record->pod_id,
			      rf_pod_policy(objects, record->pod_id), record->policy_id);
	if (!ret)
		ret = rf_policy_check(objects, record->policy_id, error);
	return ret ? ret : rf_attach_check(objects, &record->point, error);
}

static int check_abi(const struct rf_record *record, struct rf_error *error)
{
	if (record->abi == RF_ABI)
		return 0;
	rf_error_hint(error, "add it again to have it protected by this version");
	return rf_fail(error, RF_CODE_NOT_IN_FORCE, -EXDEV,
		       "added by a version with ABI %u, under whose programs and maps it stays; "
		       "this one has ABI %u",
		       record->abi, RF_ABI);
}

static int check(const struct rf_objects *objects, const struct rf_attachment_request *request,
		 struct rf_error *error)
{
	_cleanup_record_ struct rf_record record = {};
	int ret = rf_record_read(&request->key, &record, error);

	if (ret == -ENOENT)
		return rf_fail(error, RF_CODE_NOT_IN_FORCE, ret,
			       "container %s, interface %s has no attachment in network %s",
			       request->key.container, request->key.interface,
			       request->key.network);
	if (ret)
		return ret;
	ret = check_abi(&record, error);
	if (ret)
		return ret;
	if (record.point.ifindex != request->veth.ifindex)
		return rf_fail(error, RF_CODE_NOT_IN_FORCE, -ENOENT,
			       "attached to ifindex %u, but the host side is %u now",
			       record.point.ifindex, request->veth.ifindex);
	ret = check_addresses(&record, request, error);
	return ret ? ret : check_in_force(objects, &record, error);
}

/* Under the locks: what is being added, or a policy that is being exchanged, must not look like one
 * that is gone. */
int rf_attachment_check(const struct rf_objects *objects,
			const struct rf_attachment_request *request, struct rf_error *error)
{
	_cleanup_close_ int turn = -1;
	_cleanup_close_ int lock = -1;
	int ret = rf_lock_attachment(rf_owner(&request->key), &turn, error);

	if (!ret)
		ret = rf_lock(&lock, error);
	return ret ? ret : check(objects, request, error);
}

int rf_attachment_check_recorded(const struct rf_objects *objects,
				 const struct rf_attachment_key *key, struct rf_error *error)
{
	_cleanup_record_ struct rf_record record = {};
	_cleanup_close_ int turn = -1;
	_cleanup_close_ int lock = -1;
	int ret = rf_lock_attachment(rf_owner(key), &turn, error);

	if (!ret)
		ret = rf_lock(&lock, error);
	if (!ret)
		ret = rf_record_read(key, &record, error);
	if (!ret)
		ret = check_abi(&record, error);
	return ret ? ret : check_in_force(objects, &record, error);
}
