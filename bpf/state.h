/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The state of a flow, derived from what each side has been seen to send, and how long a flow in
 * that state lives without a packet. Pure: programs, ringfencectl and tests use the same.
 *
 * The two sides are kept apart, so the packets of both may be handled at once on two CPUs and no
 * transition is lost. The states are those of RFC 9293, 3.3.2, as a middle box can know them.
 */
#ifndef RINGFENCE_BPF_STATE_H
#define RINGFENCE_BPF_STATE_H

#include "bpf/abi.h"
#include "bpf/tcp.h"

#define RF_PROTOCOL_TCP 6

/*
 * What a side has sent after one more packet with @tcp_flags, when @mine and @other were seen so
 * far. A side that goes on after its reset has not sent it: somebody else has, in its name.
 */
static inline __u8 rf_seen_after(__u8 mine, __u8 other, __u8 protocol, __u8 tcp_flags)
{
	mine |= RF_SEEN_ANY;
	if (protocol != RF_PROTOCOL_TCP)
		return mine;
	if (tcp_flags & RF_TCP_RST)
		return mine | RF_SEEN_RST;
	if (tcp_flags & RF_TCP_SYN)
		mine |= RF_SEEN_SYN;
	if (tcp_flags & RF_TCP_FIN)
		mine |= RF_SEEN_FIN;
	if (tcp_flags & RF_TCP_ACK) {
		mine = (mine & ~RF_SEEN_RST) | RF_SEEN_ACK;
		if (other & RF_SEEN_FIN)
			mine |= RF_SEEN_FIN_ACK;
	}
	return mine;
}

/* Each side has acknowledged the other's FIN. It remains so whatever is reset after that. */
static inline int rf_tcp_is_finished(__u8 one, __u8 other)
{
	__u8 both = one & other;

	return both & RF_SEEN_FIN && both & RF_SEEN_FIN_ACK;
}

static inline enum rf_session_state rf_session_state(__u8 protocol, __u8 one, __u8 other)
{
	__u8 both = one & other, either = one | other;

	if (protocol != RF_PROTOCOL_TCP)
		return both & RF_SEEN_ANY ? RF_STATE_REPLIED : RF_STATE_ONE_WAY;
	if (either & RF_SEEN_RST)
		return RF_STATE_CLOSED;
	if (rf_tcp_is_finished(one, other))
		return RF_STATE_TIME_WAIT;
	if (either & RF_SEEN_FIN)
		return RF_STATE_FIN;
	return both & RF_SEEN_ACK ? RF_STATE_ESTABLISHED : RF_STATE_SYN;
}

/*
 * Seconds that a session in @state lives without a packet. Every state has its number below
 * RF_TIMEOUTS, which the verifier has to be told.
 */
static inline __u32 rf_session_timeout(const struct rf_settings *settings,
				       enum rf_session_state state, __u8 echo)
{
	__u32 kind = echo ? (__u32)RF_TIMEOUT_ECHO : (__u32)state;

	return settings->timeout[kind & (RF_TIMEOUTS - 1)];
}

_Static_assert((RF_TIMEOUTS & (RF_TIMEOUTS - 1)) == 0, "kinds of timeouts are masked");

/*
 * Seconds, from the first fragment on: as long as Linux waits for the others. RFC 8200, 4.5 has 60
 * for IPv6; RFC 1122, 3.3.2 leaves IPv4 between 60 and 120, which no kernel does.
 */
#define RF_TIMEOUT_FRAGMENTS_V4 30
#define RF_TIMEOUT_FRAGMENTS_V6 60

/*
 * Both sides take part: only such a flow comes to `sessions`, and any other is in `half_open`, also
 * when it is over. For TCP both must have acknowledged: what one side sends alone (SYN, then FIN or
 * RST) or is answered by a reset costs a scanner nothing, and must not evict who is at work.
 */
static inline int rf_session_is_answered(__u8 protocol, __u8 one, __u8 other)
{
	return one & other & (protocol == RF_PROTOCOL_TCP ? RF_SEEN_ACK : RF_SEEN_ANY);
}

#endif
