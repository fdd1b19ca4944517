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

void fixture_add_other_pod(struct programs *programs, uint32_t flags, const char *policy)
{
	static const char *const addresses[] = {OTHER_POD_4, OTHER_POD_6, NULL};

	programs_move_pod(programs, POD_ID, PROGRAMS_ELSEWHERE);
	programs_add_pod(programs, OTHER_POD_ID, addresses, flags, policy);
}

int fixture_teardown(void **state)
{
	programs_free(*state);
	return 0;
}
