/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The reset that a closed port would send (RFC 9293, 3.10.7.1). */
#ifndef RINGFENCE_BPF_REJECT_TCP_H
#define RINGFENCE_BPF_REJECT_TCP_H

#include "bpf/reply.h"
#include "bpf/state.h"

#include <linux/in.h>
#include <linux/tcp.h>

/* Never about a reset: two would answer each other for ever. */
static __always_inline int may_reset(const struct packet *packet)
{
	return !(packet->tcp_flags & RF_TCP_RST);
}

/* Of what was sent: SYN and FIN count as one each. */
static __always_inline __u32 segment_length(const struct packet *packet)
{
	return packet->end - packet->payload + !!(packet->tcp_flags & RF_TCP_SYN) +
	       !!(packet->tcp_flags & RF_TCP_FIN);
}

/*
 * Make the packet into the reset of @length bytes. Returns 0, or it is good for nothing any more.
 */
__weak int reset_flow(struct __sk_buff *skb, __u32 pod, __u32 network, __u32 transport,
		      __u32 length)
{
	struct tcphdr asked, reset = {.doff = sizeof(reset) / 4, .rst = 1};
	struct reply reply;
	__u32 sum;

	if (reply_begin(skb, pod, network, transport, &reply) ||
	    bpf_skb_load_bytes(skb, transport, &asked, sizeof(asked)))
		return -1;
	reset.source = asked.dest;
	reset.dest = asked.source;
	if (asked.ack) {
		reset.seq = asked.ack_seq;
	} else {
		reset.ack = 1;
		reset.ack_seq = bpf_htonl(bpf_ntohl(asked.seq) + length);
	}
	sum = reply_pseudo_header(&reply, IPPROTO_TCP, sizeof(reset));
	reset.check = checksum_finish(checksum_add(sum, &reset, sizeof(reset)));
	if (reply_resize(skb, &reply, sizeof(reset)) ||
	    reply_write_headers(skb, &reply, IPPROTO_TCP, sizeof(reset)))
		return -1;
	return reply_write_transport(skb, &reply, &reset, sizeof(reset));
}

#endif
