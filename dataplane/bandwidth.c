// SPDX-License-Identifier: Apache-2.0
#include "dataplane/bandwidth.h"

/*
 * A TCP sender whose last packets were lost waits for 200 ms and more before it sends again. A
 * bucket that overflows meanwhile halves the rate (docs/decisions.md has the measurements). A
 * deeper one is felt in the rate of the first seconds.
 */
#define BURST_MS_MIN 250
#define BURST_MS_MAX 300

/* The largest super-packet (64 KiB, and headers for each segment), and the start of another flow.
 */
#define BURST_MIN UINT64_C(73728)

/* The programs count in nanoseconds: bytes * 10^9 must fit into 64 bits. */
#define BURST_MAX (UINT64_C(1) << 34)

uint64_t rf_bandwidth_rate(uint64_t rate_bits)
{
	return rate_bits < 8 ? 1 : rate_bits / 8;
}

static uint64_t between(uint64_t least, uint64_t value, uint64_t most)
{
	if (value < least)
		return least;
	return value < most ? value : most;
}

uint64_t rf_bandwidth_burst(uint64_t rate_bits, uint64_t burst_bits)
{
	uint64_t rate = rf_bandwidth_rate(rate_bits) / 1000; /* bytes a millisecond */
	uint64_t most = between(BURST_MIN, rate * BURST_MS_MAX, BURST_MAX);
	uint64_t least = between(BURST_MIN, rate * BURST_MS_MIN, BURST_MAX);

	return burst_bits ? between(least, burst_bits / 8, most) : most;
}
