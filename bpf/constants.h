/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the loader knows of this node (dataplane/constants.c), set before the programs are loaded:
 * the verifier and the JIT take them for constants.
 */
#ifndef RINGFENCE_BPF_CONSTANTS_H
#define RINGFENCE_BPF_CONSTANTS_H

#include <linux/types.h>

/*
 * Time is counted in the kernel's ticks: exact enough for timeouts of seconds, and one load from
 * memory, where asking for nanoseconds costs a sixth of the hot path (docs/decisions.md).
 */
const volatile __u64 ticks_per_second = 250;

/* A slice of the census is 2^slice_shift ticks. */
const volatile __u32 slice_shift = 11;

/* Entries of the maps whose pressure is asked for. */
const volatile __u32 sessions_max = 1;
const volatile __u32 fragments_max = 1;

/* Random: marks what `reject` sends back through the same interface. */
const volatile __u32 reply_mark = 1;

#endif
