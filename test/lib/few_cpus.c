// SPDX-License-Identifier: Apache-2.0
#include "test/lib/few_cpus.h"

#include <sched.h>

#define FEW 2

void few_cpus_only(void)
{
	cpu_set_t allowed, few;
	int here = sched_getcpu(), chosen = 0;

	/* There are more CPUs than a set has room for. */
	if (here < 0 || sched_getaffinity(0, sizeof(allowed), &allowed))
		return;
	CPU_ZERO(&few);
	for (int i = 0; i < CPU_SETSIZE && chosen < FEW; i++) {
		int cpu = (here + i) % CPU_SETSIZE;

		if (CPU_ISSET(cpu, &allowed)) {
			CPU_SET(cpu, &few);
			chosen++;
		}
	}
	sched_setaffinity(0, sizeof(few), &few);
}
