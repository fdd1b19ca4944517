// SPDX-License-Identifier: Apache-2.0
/* What others have at the pods' interfaces that is called before ringfence, and may hide packets.
 */
#include "ctl/doctor/doctor.h"
#include "dataplane/attach/attach.h"
#include "dataplane/attach/program.h"
#include "dataplane/link/netns.h"
#include "dataplane/record.h"

#include <bpf/libbpf.h>
#include <net/if.h>
#include <string.h>

static void check_order(struct doctor *doctor, const struct rf_record *record, const char *pod)
{
	struct rf_attach_point point = record->point;
	struct rf_error error = {};

	if (!rf_attach_settle(doctor->objects, record->point.mode, &point, &error))
		return;
	rf_error_context(&error, "%s (%s)", pod, record->host_interface);
	doctor_find_error(doctor, FINDING_FAULT, &error);
}

/* XDP sees what the pod sends, before any other program. */
static void check_xdp(struct doctor *doctor, const struct rf_record *record, const char *pod)
{
	char text[RF_PROGRAM_TEXT];
	uint32_t id = 0;
	cJSON *finding;

	if (bpf_xdp_query_id((int)record->point.ifindex, 0, &id) || !id)
		return;
	finding = doctor_find(doctor, FINDING_WARNING, "%s (%s): XDP %s is called before ringfence",
			      pod, record->host_interface, rf_program_text(id, text));
	doctor_why(finding, "what it drops or redirects of the pod's packets is not judged");
	doctor_fix(finding, "ip link set dev %s xdp off, unless it is meant so",
		   record->host_interface);
}

static int look_at(const struct rf_record *record, struct rf_error *error, void *context)
{
	struct doctor *doctor = context;
	char name[IF_NAMESIZE], pod[600];

	(void)error;
	if (!record || (record->netns && record->netns != rf_netns_own()) ||
	    !if_indextoname(record->point.ifindex, name) || strcmp(name, record->host_interface))
		return 0;
	rf_record_pod_text(record, pod);
	check_order(doctor, record, pod);
	check_xdp(doctor, record, pod);
	return 0;
}

void doctor_check_interfaces(struct doctor *doctor)
{
	struct rf_error error = {};

	if (doctor->objects && rf_record_each(NULL, look_at, doctor, &error))
		doctor_find_error(doctor, FINDING_FAULT, &error);
}
