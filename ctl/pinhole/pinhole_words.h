/* SPDX-License-Identifier: Apache-2.0 */
/* What `pinhole add` and `pinhole del` have in common: from their words to entries of the map, and
 * how these are shown. */
#ifndef RINGFENCE_CTL_PINHOLE_PINHOLE_WORDS_H
#define RINGFENCE_CTL_PINHOLE_PINHOLE_WORDS_H

#include "ctl/command.h"
#include "ctl/pod/names.h"
#include "dataplane/pinhole.h"

#include <cjson/cJSON.h>

/* How a pinhole is written, for the help. */
#define PINHOLE_DETAILS                                                                            \
	"in (ingress): the peer opens the flow; out (egress): the pod does; both: whoever does.\n" \
	"tcp, udp and sctp have both ports, an IPv6 address with a port stands in brackets:\n"     \
	"  shop/web in tcp 10.0.0.9:40000 80\n"                                                    \
	"  shop/web out udp [fd00::9]:53 40000\n"                                                  \
	"Of icmp and icmpv6 there are echoes only; the identifier (ping -e) is the pinging "       \
	"side's:\n"                                                                                \
	"  shop/web in icmp 10.0.0.9:7\n"                                                          \
	"  shop/web out icmp 10.0.0.9 7\n"                                                         \
	"Other protocols, by their numbers, have no ports."

/*
 * The entries that the words of @invocation mean: one for each address of the pod that may be meant
 * and each direction. `pinhole` has the pod, the rest of it is zero. On success the caller frees
 * *@out. CONFIG or RECORD, and the status to exit with, if the words mean nothing.
 */
int pinhole_entries_read(struct invocation *invocation, const struct pods *pods,
			 struct rf_pinhole_entry **out, size_t *count, struct rf_error *error);

/* The entry as a row, for programs (@json) or people, at @now (rf_pinhole_clock()). */
cJSON *pinhole_row(bool json, const struct rf_pinhole_key *key, const struct rf_pinhole *pinhole,
		   struct names *names, uint64_t now);

/* pinhole_list.c: print @entries, as `pinhole list` shows them. */
void pinhole_print_all(bool json, const struct rf_pinhole_entry *entries, size_t count,
		       struct names *names);

#endif
