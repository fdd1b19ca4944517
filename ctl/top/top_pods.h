/* SPDX-License-Identifier: Apache-2.0 */
/* `top` by pod: two looks at the counters of all, and what they differ by. */
#ifndef RINGFENCE_CTL_TOP_TOP_PODS_H
#define RINGFENCE_CTL_TOP_TOP_PODS_H

#include "ctl/top/top_sample.h"
#include "ctl/top/top_view.h"

/* All zero before the first look. */
struct top_pods {
	struct top_sample before;
	struct top_sample now;
};

/* Look again. LOAD if a map cannot be read. */
int top_pods_look(struct top_pods *pods, const struct top_view *view, struct rf_error *error);

/* Print what has been between the last two looks, within @lines (0: of all pods). */
void top_pods_show(const struct top_pods *pods, const struct top_view *view, int lines);

void top_pods_free(struct top_pods *pods);

#endif
