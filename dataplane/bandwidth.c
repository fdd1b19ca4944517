// SPDX-License-Identifier: Apache-2.0
#include "dataplane/bandwidth.h"

#define BURST_MS_MIN 200
#define BURST_MS_MAX 300

/* The programs count in nanoseconds: bytes * 10^9 must fit into 64 bits. */
#define BURST_MAX (UINT64_C(1) << 34)

uint64_t rf_bandwidth_rate(uint64_t rate_bits)
{
	return rate_bits < 8 ? 1 : rate_bits / 8;
}

static uint64_t bytes_in(uint64_t rate, uint64_t milliseconds)
{
	uint64_t bytes = rate / 1000 * milliseconds + rate % 1000 * milliseconds / 1000;

	return bytes < BURST_MAX ? bytes : BURST_MAX;
}

uint64_t rf_bandwidth_burst(uint64_t rate_bits, uint64_t burst_bits)
{
	uint64_t rate = rf_bandwidth_rate(rate_bits), burst = burst_bits / 8;
	uint64_t least = bytes_in(rate, BURST_MS_MIN), most = bytes_in(rate, BURST_MS_MAX);

	if (!burst || burst > most)
		return most;
	return burst < least ? least : burst;
}
