// SPDX-License-Identifier: Apache-2.0
#include "ctl/session/session_each.h"
#include "dataplane/sessions.h"

struct pass {
	const struct session_filter *filter;
	bool is_half_open;
	void (*visit)(const struct session_entry *entry, void *context);
	void *context;
};

static void choose(const struct rf_flow_key *flow, const struct rf_session *session, void *context)
{
	const struct pass *pass = context;
	struct session_entry entry;

	if (!session_filter_matches(pass->filter, flow, session))
		return;
	entry = (struct session_entry){*flow, *session, pass->is_half_open};
	pass->visit(&entry, pass->context);
}

int session_each(const struct session_filter *filter,
		 void (*visit)(const struct session_entry *entry, void *context), void *context,
		 struct rf_error *error)
{
	struct pass pass = {.filter = filter, .visit = visit, .context = context};
	const struct rf_objects *objects = filter->clock.objects;
	int ret = rf_sessions_each(objects, RF_MAP_SESSIONS, choose, &pass);

	pass.is_half_open = true;
	if (!ret)
		ret = rf_sessions_each(objects, RF_MAP_HALF_OPEN, choose, &pass);
	return ret ? rf_fail_system(error, RF_CODE_LOAD, ret, "read the sessions") : 0;
}
