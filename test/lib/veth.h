/* SPDX-License-Identifier: Apache-2.0 */
/* A veth pair in a network namespace of its own, with the programs at the host side. */
#ifndef RINGFENCE_TEST_LIB_VETH_H
#define RINGFENCE_TEST_LIB_VETH_H

#include "test/lib/programs.h"

#define VETH_MTU 65535

/* Interface indices. */
struct veth {
	int host;
	int pod;
};

/* Move the thread to a new network namespace, which ends with it, and make the pair there. Aborts
 * on failure. */
struct veth veth_open(const struct programs *programs);

#endif
