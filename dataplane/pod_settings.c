// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pod.h"
#include "dataplane/treatment.h"

#include <arpa/inet.h>

struct rf_pod_state rf_pod_settings(const struct rf_record *record)
{
	const struct rf_configured *configured = &record->configured;
	struct rf_pod_state settings = {};

	_Static_assert(RF_POD_ETHER_TYPES == RF_ETHER_TYPES_MAX, "what is parsed must fit");
	settings.flags = (configured->anti_spoof ? RF_POD_ANTI_SPOOF : 0) |
			 (configured->host_access_by_policy ? RF_POD_HOST_BY_POLICY : 0) |
			 rf_treatment_flags(&record->treatment);
	for (size_t i = 0; i < configured->ether_type_count; i++)
		settings.ether_types[i] = htons(configured->ether_types[i]);
	return settings;
}
