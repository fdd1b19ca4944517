/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a TCP packet may do, in a session and without one. Pure, as bpf/state.h, which derives the
 * state from what this lets pass.
 */
#ifndef RINGFENCE_BPF_TCP_H
#define RINGFENCE_BPF_TCP_H

#include "bpf/abi.h"

/* Bits of byte 13 of the TCP header (RFC 9293, 3.1). */
enum rf_tcp_flags {
	RF_TCP_FIN = 1,
	RF_TCP_SYN = 2,
	RF_TCP_RST = 4,
	RF_TCP_ACK = 16,
	RF_TCP_CONTROL = RF_TCP_FIN | RF_TCP_SYN | RF_TCP_RST | RF_TCP_ACK,
};

/* What an endpoint can send at all, in any state. The other flags of the byte go with any of it. */
static inline int rf_tcp_flags_valid(__u8 flags)
{
	switch (flags & RF_TCP_CONTROL) {
	case RF_TCP_SYN:
	case RF_TCP_SYN | RF_TCP_ACK:
	case RF_TCP_ACK:
	case RF_TCP_FIN | RF_TCP_ACK:
	case RF_TCP_RST:
	case RF_TCP_RST | RF_TCP_ACK:
		return 1;
	default:
		return 0;
	}
}

/* Data or an acknowledgement: it neither begins nor ends anything. */
static inline int rf_tcp_is_plain(__u8 flags)
{
	return (flags & RF_TCP_CONTROL) == RF_TCP_ACK;
}

static inline int rf_tcp_is_syn(__u8 flags)
{
	return (flags & (RF_TCP_SYN | RF_TCP_ACK)) == RF_TCP_SYN;
}

static inline int rf_tcp_is_syn_ack(__u8 flags)
{
	return (flags & (RF_TCP_SYN | RF_TCP_ACK)) == (RF_TCP_SYN | RF_TCP_ACK);
}

/*
 * True if a packet that belongs to no session makes one where the policy allows it: by a SYN, or
 * adopted in mid-stream. A reset ends what it belongs to, and a SYN-ACK answers what was not asked.
 */
static inline int rf_tcp_opens(__u8 flags)
{
	return !(flags & RF_TCP_RST) && !rf_tcp_is_syn_ack(flags);
}

/*
 * True if a bare SYN belongs to the flow: it repeats its sender's, or crosses the other side's
 * (simultaneous open). Any other opens a flow of its own, as does one that meets a connection which
 * is being closed (RFC 9293, 3.6.1).
 */
static inline int rf_tcp_syn_belongs(enum rf_session_state state, __u8 mine, __u8 other,
				     int by_opener)
{
	if (state == RF_STATE_ESTABLISHED)
		return by_opener;
	return state == RF_STATE_SYN &&
	       (mine & RF_SEEN_SYN || (other & RF_SEEN_SYN && !(mine & RF_SEEN_ACK)));
}

/* True unless who opened the flow by a SYN acknowledges what the other side has not yet sent. */
static inline int rf_tcp_step_allowed(__u8 mine, __u8 other, int by_opener, __u8 flags)
{
	return !by_opener || !(mine & RF_SEEN_SYN) || other ||
	       (flags & (RF_TCP_ACK | RF_TCP_RST)) != RF_TCP_ACK;
}

/* So much may lie behind a SYN when it is acknowledged: data that came with it, or at once after.
 */
#define RF_TCP_HANDSHAKE_BYTES (1u << 20)

/* True if @acknowledgement is of the SYN that ends before @behind_syn. Who forges the address of
 * its sender never saw the SYN, and must guess. */
static inline int rf_tcp_acknowledges(__u32 acknowledgement, __u32 behind_syn)
{
	return acknowledgement - behind_syn < RF_TCP_HANDSHAKE_BYTES;
}

/*
 * What counts of a packet's valid @flags while its flow is half-open; @behind_syn is the other
 * side's. A blind acknowledgement says nothing, and a SYN nothing new once there is an answer.
 */
static inline __u8 rf_tcp_proven_flags(__u8 mine, __u8 other, __u8 flags, __u32 acknowledgement,
				       __u32 behind_syn)
{
	if (flags & RF_TCP_RST)
		return flags;
	if (flags & RF_TCP_ACK)
		return !(other & RF_SEEN_SYN) || rf_tcp_acknowledges(acknowledgement, behind_syn)
			       ? flags
			       : 0;
	return (mine | other) & RF_SEEN_ACK ? 0 : flags;
}

#endif
