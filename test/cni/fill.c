// SPDX-License-Identifier: Apache-2.0
/*
 * Many sessions at once, written into the pinned maps:
 *
 *   fill MAPS COUNT    COUNT copies of a session that is in MAPS/sessions, each with a peer of its
 *                      own: 172.16.0.0 and the addresses behind it, port 443
 */
#include "bpf/abi.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 4096

static void die(const char *what)
{
	perror(what);
	exit(EXIT_FAILURE);
}

static struct rf_flow_key numbered(const struct rf_flow_key *model, __u32 number)
{
	struct rf_flow_key key = *model;

	key.peer = (struct rf_address){{0, 0, htonl(0xffff), htonl(0xac100000 + number)}};
	key.peer_port = htons(443);
	return key;
}

int main(int argc, char **argv)
{
	static struct rf_flow_key keys[BATCH];
	static struct rf_session values[BATCH];
	struct rf_flow_key model;
	struct rf_session session;
	char path[512];
	int map;

	if (argc != 3)
		return EXIT_FAILURE;
	snprintf(path, sizeof(path), "%s/sessions", argv[1]);
	map = bpf_obj_get(path);
	if (map < 0 || bpf_map_get_next_key(map, NULL, &model) ||
	    bpf_map_lookup_elem(map, &model, &session))
		die(path);
	for (__u32 done = 0, count = (__u32)strtoul(argv[2], NULL, 10); done < count;) {
		__u32 size = count - done < BATCH ? count - done : BATCH;

		for (__u32 i = 0; i < size; i++) {
			keys[i] = numbered(&model, done + i);
			values[i] = session;
			/* No two are equally large. */
			values[i].bytes[RF_INGRESS] = 1000000ull + done + i;
		}
		done += size;
		if (bpf_map_update_batch(map, keys, values, &size, NULL))
			die("bpf_map_update_batch");
	}
	return EXIT_SUCCESS;
}
