// SPDX-License-Identifier: Apache-2.0
#include "cni-plugin/call.h"
#include "dataplane/attach/presence.h"
#include "dataplane/bpffs.h"
#include "dataplane/capabilities.h"
#include "dataplane/link/netns.h"
#include "dataplane/objects.h"
#include "dataplane/paths.h"
#include "dataplane/pod.h"
#include "dataplane/record.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Where records are written: it may not be there yet. */
static int check_run_directory(struct rf_error *error)
{
	if (!access(RF_RUN_DIRECTORY, W_OK) || (errno == ENOENT && !access("/run", W_OK)))
		return 0;
	return rf_fail_system(error, RF_CODE_RECORD, -errno, "write into %s", RF_RUN_DIRECTORY);
}

/* What ADD would fail for, by the functions that it would fail in: the words are the same. */
static int check_ground(struct rf_error *error)
{
	_cleanup_objects_ struct rf_objects objects = RF_OBJECTS_NONE;
	int ret = rf_capabilities_check(error);

	if (!ret)
		ret = rf_bpffs_check(error);
	if (!ret)
		ret = check_run_directory(error);
	if (ret)
		return ret;
	ret = rf_objects_open(&objects, error);
	/* Nothing is loaded: ADD will. */
	if (ret)
		return ret == -ENOENT ? 0 : ret;
	return rf_pod_check_free(&objects, error);
}

struct protection {
	unsigned int running;
	unsigned int unprotected;
	unsigned int named;
	char names[256]; /* of the unprotected, as many as fit */
};

static void note(struct protection *protection, const struct rf_record *record)
{
	size_t length = strlen(protection->names);
	size_t room = sizeof(protection->names) - length;
	char pod[600];

	rf_record_pod_text(record, pod);
	protection->unprotected++;
	if (strlen(pod) + sizeof(", ") > room)
		return;
	protection->named++;
	snprintf(protection->names + length, room, "%s%.*s", length ? ", " : "", (int)room, pod);
}

/* By what the kernel has at the pod's interface, not by what is pinned: that may be what is wrong.
 */
static int look_at(const struct rf_record *record, struct rf_error *error, void *context)
{
	struct protection *protection = context;
	char name[IF_NAMESIZE];

	(void)error;
	if (!record || (record->netns && record->netns != rf_netns_own()) ||
	    !if_indextoname(record->point.ifindex, name) || strcmp(name, record->host_interface))
		return 0;
	protection->running++;
	/* Where the kernel does not say, nobody should be alarmed. */
	if (!rf_attach_is_present(&record->point))
		note(protection, record);
	return 0;
}

/* ADD cannot be served: is that all, or do pods run without their policy? */
static void choose_code(const char *network, struct rf_error *error)
{
	struct protection protection = {};
	struct rf_error unread = {};

	error->code = RF_CODE_UNAVAILABLE;
	rf_record_each(network, look_at, &protection, &unread);
	if (!protection.unprotected)
		return;
	error->code = RF_CODE_UNPROTECTED;
	rf_fail(error, RF_CODE_UNPROTECTED, 0, "%s; unprotected are %u of %u running pods: %s%s",
		error->message, protection.unprotected, protection.running, protection.names,
		protection.named < protection.unprotected ? ", and others" : "");
}

/* Runtimes ask often: look, change nothing, and wait for nobody. */
int verb_status(struct call *call, struct rf_error *error)
{
	int ret = check_ground(error);

	if (ret)
		choose_code(call->netconf.name, error);
	return ret;
}
