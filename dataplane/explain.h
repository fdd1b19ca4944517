/* SPDX-License-Identifier: Apache-2.0 */
/* Asking the loaded programs what would become of a packet, which leaves no trace of it. */
#ifndef RINGFENCE_DATAPLANE_EXPLAIN_H
#define RINGFENCE_DATAPLANE_EXPLAIN_H

#include "bpf/abi.h"
#include "netconf/error.h"

#include <stddef.h>
#include <stdint.h>

/* What the program is called: in the kernel, and as a pin. */
#define RF_EXPLAIN_PROGRAM "rf_explain"

/* The longest packet that can be asked for. */
#define RF_EXPLAIN_PACKET_MAX 9728

/*
 * Open the pinned program. LOAD if it cannot be opened; -ENOENT if what is loaded has none. On
 * success the caller owns *@program.
 */
int rf_explain_open(int *program, struct rf_error *error);

/*
 * What would become of the @length bytes of @packet, an Ethernet frame, at interface @ifindex of
 * this network namespace, which is the host side of a pod. @question: enum rf_explain_question. A
 * frame that is shorter than the answer is padded. 0 or -errno.
 */
int rf_explain_ask(int program, uint32_t ifindex, uint32_t question, const void *packet,
		   size_t length, struct rf_explanation *out);

#endif
