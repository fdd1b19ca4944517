/* SPDX-License-Identifier: Apache-2.0 */
/* Which flows are meant, by what sessions and events have in common. */
#ifndef RINGFENCE_CTL_SESSION_FLOW_FILTER_H
#define RINGFENCE_CTL_SESSION_FLOW_FILTER_H

#include "bpf/abi.h"
#include "ctl/command.h"
#include "ctl/pod/pods.h"
#include "netconf/prefix.h"

/* All of what is given has to match. */
struct flow_filter {
	bool is_set;     /* something is given */
	bool has_pod;    /* then it is this one: */
	bool is_nowhere; /* the pod is in none of the maps */
	uint32_t pod_id;
	uint32_t incarnation;
	bool has_peer;
	struct rf_prefix peer;
	bool has_ports;
	uint16_t first_port; /* of either side */
	uint16_t last_port;
	bool has_protocol;
	uint8_t protocol;
	bool has_direction;
	unsigned int direction; /* enum rf_direction */
	bool has_rule;
	uint32_t rule;
};

/* The options that are read; the last one is --direction, whose meaning is the command's. */
#define FLOW_FILTER_OPTIONS                                                                        \
	{"peer", "PREFIX", "the other side is this address, or in this prefix"},                   \
		{"port", "PORT[-PORT]", "one of the two ports is this, or in this range"},         \
		{"protocol", "NAME", "tcp, udp, sctp, icmp, icmpv6, or a number"},                 \
	{                                                                                          \
		"rule", "ID", "decided by this rule; 0: by none"                                   \
	}

/* What there is to match. */
struct flow_facts {
	uint32_t pod;
	uint32_t incarnation;
	const struct rf_flow_key *flow; /* NULL: no addresses */
	bool has_ports;
	unsigned int direction;
	uint32_t rule;
};

/*
 * Read the options and @pod, as the pod is called (NULL: any). -EINVAL and STATUS_USAGE for what
 * cannot be read; the errors of pods_resolve().
 */
int flow_filter_read(struct invocation *invocation, const struct pods *pods, const char *pod,
		     struct flow_filter *out, struct rf_error *error);

/* The same of @pod alone, for a command without those options; never STATUS_USAGE. */
int flow_filter_read_pod(const struct pods *pods, const char *pod, struct flow_filter *out,
			 struct rf_error *error);

bool flow_filter_matches(const struct flow_filter *filter, const struct flow_facts *facts);

#endif
