/* SPDX-License-Identifier: Apache-2.0 */
/* A session as a row of a table, and with all that is known of it. */
#ifndef RINGFENCE_CTL_SESSION_SESSION_ROW_H
#define RINGFENCE_CTL_SESSION_SESSION_ROW_H

#include "ctl/output/style.h"
#include "ctl/pod/names.h"
#include "ctl/session/session_clock.h"

/* An entry of one of the two maps. */
struct session_entry {
	struct rf_flow_key flow;
	struct rf_session session;
	bool is_half_open; /* which map it is in */
};

struct session_view {
	struct names *names;
	const struct session_clock *clock;
};

/* What lets the flow pass, such as "rule 7 (web)" or "default"; of audit it is what would deny it.
 */
const char *session_judge(const struct session_view *view, const struct rf_session *session,
			  char *text, size_t size);

/* How it looks in a table. */
enum style session_judge_style(const cJSON *by);

/* For people, and quickly: no more than the columns of `session list`. */
cJSON *session_row_brief(const struct session_view *view, const struct session_entry *entry);

/* For programs: everything. */
cJSON *session_row_full(const struct session_view *view, const struct session_entry *entry);

/* Print all fields, a line each. */
void session_print(const struct session_view *view, const struct session_entry *entry);

#endif
