// SPDX-License-Identifier: Apache-2.0
/* Each pod that has a record: is its policy in force, by what the kernel has? And pods without. */
#include "ctl/doctor/doctor.h"
#include "dataplane/attachment.h"
#include "dataplane/link/netlink.h"
#include "dataplane/link/netns.h"
#include "dataplane/record_keys.h"
#include "dataplane/settings.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct round {
	struct doctor *doctor;
	struct nl_sock *socket;
	unsigned int good;
	unsigned int audited;   /* of the good ones */
	unsigned int elsewhere; /* in other network namespaces */
};

static void report(struct round *round, const struct rf_record *record,
		   const struct rf_error *error)
{
	char pod[600];
	cJSON *finding = doctor_find(round->doctor, FINDING_FAULT, "%s (%s): %s",
				     rf_record_pod_text(record, pod), record->host_interface,
				     error->message);

	doctor_why(finding, "the pod is not under the policy that it was given");
	if (error->details[0])
		doctor_fix(finding, "%s", error->details);
	else
		doctor_fix(finding, "delete the pod, so that it is added again: what is running "
				    "cannot be trusted");
}

/* It is not in this version's maps, and under its policy all the same. */
static void report_other_abi(struct round *round, const struct rf_record *record,
			     struct rf_error *error)
{
	char pod[600];

	rf_error_context(error, "%s (%s)", rf_record_pod_text(record, pod), record->host_interface);
	doctor_find_error(round->doctor, FINDING_WARNING, error);
}

static void fail_locked(struct doctor *doctor, const struct rf_error *error)
{
	doctor->is_locked = true;
	doctor_why(doctor_find_error(doctor, FINDING_FAULT, error),
		   "no pod can be added or removed meanwhile");
}

/* 1: no more of them, as a lock is not to be had. */
static int look_at(const struct rf_record *record, struct rf_error *error, void *context)
{
	struct round *round = context;
	struct rf_attachment_key key;
	struct rf_error fault = {};
	struct rf_link link;
	int ret;

	if (!record) {
		doctor_fix(doctor_find(round->doctor, FINDING_FAULT, "%s", error->message),
			   "delete the pod: its DEL removes the file too; if there is no such pod "
			   "any more, remove the file");
		return 0;
	}
	if (record->netns && record->netns != rf_netns_own()) {
		round->elsewhere++;
		return 0;
	}
	/* What has lost its interface is no pod, but a leftover. */
	if (rf_link_by_index(round->socket, record->point.ifindex, &link) == -ENODEV)
		return 0;
	key = rf_record_key(record);
	ret = rf_attachment_check_recorded(round->doctor->objects, &key, &fault);
	round->audited += !ret && record->treatment.mode == RF_MODE_AUDIT;
	if (!ret)
		round->good++;
	else if (fault.code == RF_CODE_TRY_AGAIN)
		fail_locked(round->doctor, &fault);
	else if (ret == -EXDEV)
		report_other_abi(round, record, &fault);
	else if (ret != -ENOENT || fault.code)
		report(round, record, &fault);
	return fault.code == RF_CODE_TRY_AGAIN;
}

static bool has_record(struct rf_record_keys *keys, uint64_t owner)
{
	if (rf_record_keys_find(keys, owner))
		return true;
	/* It may have come since they were listed: it is written before the pod is in the maps. */
	rf_record_keys_free(keys);
	return rf_record_keys_list(keys) || rf_record_keys_find(keys, owner);
}

static void find_nameless(struct doctor *doctor)
{
	_cleanup_record_keys_ struct rf_record_keys keys = {};
	const struct rf_objects *objects = doctor->objects;

	for (uint32_t id = 1; id < objects->max_entries[RF_MAP_POD_STATE]; id++) {
		uint64_t owner = objects->pod_state[id].owner;
		cJSON *finding;

		if (!owner || has_record(&keys, owner) || objects->pod_state[id].owner != owner)
			continue;
		finding = doctor_find(doctor, FINDING_WARNING,
				      "pod id %u at ifindex %u has no record", id,
				      objects->pod_state[id].ifindex);
		doctor_why(finding, "its DEL does not find it, and nobody can tell its name");
		doctor_fix(finding, "delete that pod; ringfencectl gc then gives its id back");
	}
}

static void find_good(const struct round *round)
{
	char audited[80] = "";

	if (round->audited)
		snprintf(audited, sizeof(audited),
			 ", %u of them in mode audit: what would be denied passes", round->audited);
	doctor_find(round->doctor, FINDING_OK, "%u pod%s under %s polic%s%s", round->good,
		    round->good == 1 ? " is" : "s are", round->good == 1 ? "its" : "their",
		    round->good == 1 ? "y" : "ies", audited);
}

/* Easily forgotten after a look at what a policy would deny. */
static void check_setting(struct doctor *doctor)
{
	struct rf_settings settings;
	struct rf_error error = {};
	cJSON *finding;

	if (rf_settings_read(doctor->objects, &settings, &error)) {
		doctor_find_error(doctor, FINDING_FAULT, &error);
	} else if (settings.audit == RF_AUDIT_ALL) {
		finding = doctor_find(
			doctor, FINDING_WARNING,
			"the setting audit is \"all\": no pod's policy denies anything");
		doctor_why(finding, "what would be denied is reported, and passes");
		doctor_fix(finding, "ringfencectl settings audit=pods");
	}
}

void doctor_check_pods(struct doctor *doctor)
{
	_cleanup_netlink_ struct nl_sock *socket = NULL;
	struct round round = {.doctor = doctor};
	struct rf_error error = {};
	int ret;

	if (!doctor->objects)
		return;
	ret = rf_netlink_open(&socket, &error);
	round.socket = socket;
	if (!ret)
		ret = rf_record_each(NULL, look_at, &round, &error);
	if (ret < 0)
		doctor_find_error(doctor, FINDING_FAULT, &error);
	find_nameless(doctor);
	find_good(&round);
	check_setting(doctor);
	if (round.elsewhere)
		doctor_fix(doctor_find(doctor, FINDING_WARNING,
				       "%u pods are in another network namespace of the host, and "
				       "were not looked at",
				       round.elsewhere),
			   "run ringfencectl in the runtime's network namespace");
}
