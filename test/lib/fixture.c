// SPDX-License-Identifier: Apache-2.0
#include "test/lib/fixture.h"

int fixture_setup(void **state)
{
	static const char *const addresses[] = {POD_4, POD_6, NULL};
	const struct rf_map_sizes sizes = {
		.sessions = 1024,
		.half_open = 1024,
		.peers = 1024,
		.services = 1024,
		.denies = 1 << 16,
	};
	struct programs *programs = programs_load(&sizes);

	programs_add_pod(programs, POD_ID, addresses, RF_POD_ANTI_SPOOF, ALLOW_ALL);
	*state = programs;
	return 0;
}

int fixture_teardown(void **state)
{
	programs_free(*state);
	return 0;
}
