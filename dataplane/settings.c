// SPDX-License-Identifier: Apache-2.0
#include "dataplane/settings.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdint.h>

struct rf_settings rf_settings_default(void)
{
	return (struct rf_settings){
		.deny_events_per_second = RF_DENY_EVENTS_PER_SECOND,
		.flow_events_per_second = RF_FLOW_EVENTS_PER_SECOND,
		.rejects_per_second = RF_REJECTS_PER_SECOND,
	};
}

int rf_settings_write(int map, const struct rf_settings *settings)
{
	uint32_t zero = 0;

	return bpf_map_update_elem(map, &zero, settings, BPF_ANY) ? -errno : 0;
}
