// SPDX-License-Identifier: Apache-2.0
#include "dataplane/attach/clsact.h"
#include "dataplane/attach/clsact_hook.h"
#include "dataplane/attach/clsact_qdisc.h"
#include "dataplane/attach/program.h"
#include "dataplane/attach/tcx_hook.h"
#include "dataplane/link/netlink.h"
#include "dataplane/link/traffic_control.h"
#include "netconf/cleanup.h"

#include <linux/if_ether.h>
#include <string.h>

/* The kernel calls what is at TCX before all filters, and most of what it returns ends the chain.
 */
static int refuse_tcx(uint32_t ifindex, enum rf_direction direction, struct rf_error *error)
{
	struct rf_tcx_programs programs;
	int ret = rf_tcx_programs(ifindex, direction, &programs);

	if (ret == -EOPNOTSUPP)
		return 0;
	if (ret)
		return rf_fail_system(error, RF_CODE_ATTACH, ret,
				      "ask for programs at ifindex %u, TCX %s", ifindex,
				      rf_tcx_hook_name(direction));
	ret = rf_tcx_refuse_foreign(&programs, programs.count, ifindex, direction, error);
	if (ret)
		rf_error_hint(error,
			      "leave `attach` at \"auto\", or set it to \"tcx\": ringfence is "
			      "then called before that program");
	return ret;
}

enum obstacle {
	NOTHING,
	PLACE_TAKEN,   /* our priority is one of filters of another kind or protocol */
	HANDLE_TAKEN,  /* our handle is that of another's filter */
	CALLED_BEFORE, /* ours is there, and another's has been put before it */
};

/* A look at the filters of one hook, in the order in which they are called. */
struct survey {
	const struct rf_attach_point *point;
	enum rf_direction direction;
	struct rf_filter foreign; /* the first of our kind and priority; handle 0: none yet */
	bool is_ours_seen;        /* what comes behind it is in nobody's way */
	enum obstacle obstacle;
	struct rf_filter filter; /* that is the obstacle */
	int result;
};

static enum obstacle judge(struct survey *survey, const struct rf_filter *filter)
{
	bool is_ours;

	survey->result = rf_program_is_ours(filter->program_id, survey->direction, &is_ours);
	if (filter->handle != rf_clsact_handle(survey->point)) {
		if (!is_ours && !survey->foreign.handle)
			survey->foreign = *filter;
		return NOTHING;
	}
	if (!is_ours)
		return HANDLE_TAKEN;
	survey->is_ours_seen = true;
	return survey->foreign.handle ? CALLED_BEFORE : NOTHING;
}

static void look_at(const struct rf_filter *filter, void *context)
{
	struct survey *survey = context;

	/* Other chains are reached from this one, by a filter behind ours. */
	if (filter->chain || filter->priority != RF_CLSACT_PRIORITY || survey->obstacle ||
	    survey->is_ours_seen || survey->result)
		return;
	survey->filter = *filter;
	if (strcmp(filter->kind, "bpf") || filter->protocol != ETH_P_ALL)
		survey->obstacle = PLACE_TAKEN;
	else if (filter->handle)
		survey->obstacle = judge(survey, filter);
	if (survey->obstacle == CALLED_BEFORE)
		survey->filter = survey->foreign;
}

static int refuse(const struct survey *survey, struct rf_error *error)
{
	const struct rf_filter *filter = &survey->filter;
	const char *hook = rf_clsact_hook_name(survey->direction);
	char text[RF_PROGRAM_TEXT];

	rf_error_hint(error,
		      "ringfence has to be called first: give that filter another priority than "
		      "%d (tc filter … pref 2); or attach by TCX (Linux 6.6 and later, attach: "
		      "\"auto\")",
		      RF_CLSACT_PRIORITY);
	if (survey->obstacle == PLACE_TAKEN)
		return rf_fail(error, RF_CODE_ATTACH, -EBUSY,
			       "priority %d of ifindex %u, clsact %s, is taken by filters of kind "
			       "\"%s\" for protocol 0x%04x",
			       RF_CLSACT_PRIORITY, survey->point->ifindex, hook, filter->kind,
			       filter->protocol);
	if (survey->obstacle == HANDLE_TAKEN)
		return rf_fail(
			error, RF_CODE_ATTACH, -EBUSY,
			"handle 0x%x at priority %d of ifindex %u, clsact %s, is taken by %s",
			filter->handle, RF_CLSACT_PRIORITY, survey->point->ifindex, hook,
			rf_program_text(filter->program_id, text));
	return rf_fail(
		error, RF_CODE_ATTACH, -EBUSY,
		"%s, the filter 0x%x at priority %d of ifindex %u, clsact %s, is called before "
		"ringfence and may hide packets from it",
		rf_program_text(filter->program_id, text), filter->handle, RF_CLSACT_PRIORITY,
		survey->point->ifindex, hook);
}

static int refuse_filters(const struct rf_attach_point *point, enum rf_direction direction,
			  struct rf_error *error)
{
	struct survey survey = {.point = point, .direction = direction};
	_cleanup_netlink_ struct nl_sock *socket = NULL;
	int ret = rf_netlink_open(&socket, error);

	if (ret)
		return ret;
	ret = rf_filter_each(socket, point->ifindex, rf_clsact_parent(direction), look_at, &survey);
	if (!ret)
		ret = survey.result;
	if (ret)
		return rf_fail_system(error, RF_CODE_ATTACH, ret,
				      "read filters of ifindex %u, clsact %s", point->ifindex,
				      rf_clsact_hook_name(direction));
	return survey.obstacle ? refuse(&survey, error) : 0;
}

int rf_clsact_settle(struct rf_attach_point *point, struct rf_error *error)
{
	bool missing = false;
	int ret = rf_clsact_refuse_qdisc(point->ifindex, &missing, error);

	for (size_t direction = 0; direction < RF_DIRECTIONS && !ret; direction++) {
		ret = refuse_tcx(point->ifindex, direction, error);
		if (!ret && !missing)
			ret = refuse_filters(point, direction, error);
	}
	point->made_qdisc = missing;
	return ret;
}
