// SPDX-License-Identifier: Apache-2.0
#include "test/lib/wire.h"
#include "dataplane/counters.h"
#include "test/lib/packet_parts.h"
#include "test/lib/veth.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/ethernet.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define POD_ID   1
#define PATIENCE 30000 /* times a millisecond: the kernel may take its time */

static void expect(bool holds, const char *what)
{
	if (holds)
		return;
	perror(what);
	abort();
}

static int open_socket(int ifindex)
{
	struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_ifindex = ifindex};
	int on = 1, fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	expect(fd >= 0 && !setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof(on)) &&
		       !bind(fd, (struct sockaddr *)&address, sizeof(address)),
	       "packet socket");
	return fd;
}

void wire_open(struct wire *wire, struct programs *programs)
{
	struct veth veth = veth_open(programs);

	programs_move_pod(programs, POD_ID, (uint32_t)veth.host);
	/* What is sent here comes from the node. */
	programs->objects.pod_state[POD_ID].flags |= RF_POD_HOST_BY_POLICY;
	wire->programs = programs;
	wire->sockets[RF_INGRESS] = open_socket(veth.host);
	wire->sockets[RF_EGRESS] = open_socket(veth.pod);
}

void wire_close(struct wire *wire)
{
	close(wire->sockets[RF_INGRESS]);
	close(wire->sockets[RF_EGRESS]);
}

static struct virtio_net_hdr describe(const struct packet_spec *spec, const struct wire_form *form)
{
	size_t transport = packet_transport_offset(spec);
	struct virtio_net_hdr header = {.hdr_len = (uint16_t)form->linear};

	if (!form->segment_size)
		return header;
	header.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	if (spec->protocol == IPPROTO_UDP)
		header.gso_type = VIRTIO_NET_HDR_GSO_UDP;
	else if (packet_is_v4(spec))
		header.gso_type = VIRTIO_NET_HDR_GSO_TCPV4;
	else
		header.gso_type = VIRTIO_NET_HDR_GSO_TCPV6;
	header.gso_size = form->segment_size;
	header.csum_start = (uint16_t)transport;
	header.csum_offset = spec->protocol == IPPROTO_UDP ? offsetof(struct udphdr, check)
							   : offsetof(struct tcphdr, check);
	header.hdr_len = (uint16_t)(transport + packet_transport_size(spec));
	return header;
}

static size_t build(const struct packet_spec *spec, const struct wire_form *form, uint8_t *bytes,
		    size_t size)
{
	size_t length = packet_build(spec, bytes, size);

	expect(length && length + form->more <= size, "build the packet");
	if (form->more) {
		memset(bytes + ETHER_HDR_LEN + (packet_is_v4(spec) ? 2 : 4), 0, 2);
		if (spec->protocol == IPPROTO_UDP)
			memset(bytes + packet_transport_offset(spec) + 4, 0, 2);
	}
	return length + form->more;
}

static struct rf_pod_counters counters(const struct wire *wire)
{
	struct rf_pod_counters counters;

	expect(!rf_counters_read(&wire->programs->objects, POD_ID, &counters), "counters");
	return counters;
}

/* Discovery is what the kernel itself sends through a new interface. */
static enum rf_reason find_change(const struct wire *wire, enum rf_direction direction,
				  const struct rf_pod_counters *before, struct rf_count *counted)
{
	struct rf_pod_counters now = counters(wire);

	for (enum rf_reason reason = 0; reason < RF_REASON_COUNT; reason++) {
		const struct rf_count *then = &before->count[direction][reason];
		const struct rf_count *cell = &now.count[direction][reason];

		if (reason == RF_REASON_NEIGHBOUR || cell->packets == then->packets)
			continue;
		*counted =
			(struct rf_count){cell->packets - then->packets, cell->bytes - then->bytes};
		return reason;
	}
	return RF_REASON_COUNT;
}

enum rf_reason wire_send(const struct wire *wire, enum rf_direction direction,
			 const struct packet_spec *spec, const struct wire_form *form,
			 struct rf_count *counted)
{
	const struct timespec moment = {.tv_nsec = 1000000};
	struct virtio_net_hdr header = describe(spec, form);
	struct rf_pod_counters before = counters(wire);
	static uint8_t bytes[WIRE_MAX];
	struct iovec parts[] = {{&header, sizeof(header)},
				{bytes, build(spec, form, bytes, sizeof(bytes))}};

	/* ENOBUFS: it was denied. */
	expect(writev(wire->sockets[direction], parts, 2) > 0 || errno == ENOBUFS, "send");
	for (int i = 0; i < PATIENCE; i++) {
		enum rf_reason reason = find_change(wire, direction, &before, counted);

		if (reason != RF_REASON_COUNT)
			return reason;
		nanosleep(&moment, NULL);
	}
	errno = ETIMEDOUT;
	expect(false, "the packet was not counted");
	return RF_REASON_COUNT;
}
