/* SPDX-License-Identifier: Apache-2.0 */
/* Small maps that hold as much on a machine with many CPUs as on one with few. */
#ifndef RINGFENCE_TEST_LIB_FEW_CPUS_H
#define RINGFENCE_TEST_LIB_FEW_CPUS_H

/*
 * Let this thread, and those that it makes, run on two CPUs at most, whichever are near. The kernel
 * keeps up to 128 elements of an LRU map for each CPU that has ever put something into it: a
 * process that wanders over many evicts from a small map long before it is full.
 */
void few_cpus_only(void);

#endif
