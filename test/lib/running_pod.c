// SPDX-License-Identifier: Apache-2.0
#include "test/lib/running_pod.h"
#include "dataplane/lock.h"
#include "dataplane/paths.h"
#include "dataplane/pod.h"
#include "dataplane/policy/apply.h"
#include "dataplane/policy/store.h"
#include "netconf/cleanup.h"

#include <arpa/inet.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_SIZE 24

static void expect(bool holds, const char *what, const char *detail)
{
	if (holds)
		return;
	fprintf(stderr, "%s: %s\n", what, detail);
	abort();
}

static struct rf_attachment_key key_of(uint32_t number, char name[NAME_SIZE])
{
	snprintf(name, NAME_SIZE, "pod-%u", number);
	return (struct rf_attachment_key){"test", name, "eth0"};
}

static struct rf_record draw_record(const struct rf_attachment_key *key,
				    const char *const *addresses, uint32_t ifindex)
{
	struct rf_record record = {
		.network = strdup(key->network),
		.container = strdup(key->container),
		.interface = strdup(key->interface),
		.pod_namespace = strdup("default"),
		.pod_name = strdup(key->container),
		.host_interface = strdup("none"),
		.point = {.ifindex = ifindex, .owner = rf_owner(key), .mode = RF_ATTACH_CLSACT},
	};

	expect(record.network && record.container && record.interface && record.pod_namespace &&
		       record.pod_name && record.host_interface,
	       "record", "no memory");
	for (; *addresses; addresses++)
		record.addresses[record.address_count++] = packet_address(*addresses);
	return record;
}

uint32_t running_pod_add(struct programs *programs, uint32_t number, const char *const *addresses,
			 uint32_t ifindex, const struct rf_policy *policy)
{
	const struct rf_pod_state settings = {
		.flags = RF_POD_ANTI_SPOOF,
		.ether_types = {htons(0x0806)},
	};
	const struct rf_objects *objects = &programs->objects;
	char name[NAME_SIZE];
	struct rf_attachment_key key = key_of(number, name);
	_cleanup_record_ struct rf_record record = draw_record(&key, addresses, ifindex);
	_cleanup_plan_ struct rf_policy_plan plan = {};
	_cleanup_close_ int lock = -1;
	struct rf_error error = {};

	expect(!rf_policy_prepare(objects, policy, &plan, &error) && !rf_lock(&lock, &error) &&
		       !rf_pod_allocate(objects, record.point.owner, &record.pod_id,
					&record.incarnation, &error) &&
		       !rf_policy_settle(objects, policy, &plan, &error),
	       "add a pod", error.message);
	record.policy_id = plan.id;
	expect(!rf_record_write(&record, &error), "add a pod", error.message);
	rf_pod_claim(objects, &record);
	expect(!rf_policy_realise(objects, &plan, &error) &&
		       !rf_pod_publish(objects, &record, &settings, &error),
	       "add a pod", error.message);
	return record.pod_id;
}

int running_pod_apply(struct programs *programs, uint32_t number, const struct rf_policy *policy,
		      struct rf_error *error)
{
	char name[NAME_SIZE];
	struct rf_attachment_key key = key_of(number, name);
	bool changed;

	return rf_policy_apply(&programs->objects, &key, policy, &changed, error);
}

void running_pod_remove(struct programs *programs, uint32_t number)
{
	const struct rf_objects *objects = &programs->objects;
	char name[NAME_SIZE];
	struct rf_attachment_key key = key_of(number, name);
	uint32_t id = rf_pod_find(objects, rf_owner(&key));
	_cleanup_close_ int lock = -1;
	struct rf_error error = {};

	expect(id && !rf_lock(&lock, &error) && !rf_pod_retract(objects, id) &&
		       !rf_policy_sweep(objects, &error),
	       "remove a pod", error.message);
	rf_pod_free(objects, id);
	expect(!rf_record_remove(&key, &error), "remove a pod", error.message);
}

size_t running_pod_policy_files(void)
{
	glob_t files;
	size_t count = glob(RF_POLICIES_DIRECTORY "/*/*", 0, NULL, &files) ? 0 : files.gl_pathc;

	globfree(&files);
	return count;
}

void running_pod_parse(const char *text, struct rf_policy *policy)
{
	struct rf_error error = {};

	expect(!rf_policy_read(text, strlen(text), policy, &error), "policy", error.message);
}
