// SPDX-License-Identifier: Apache-2.0
#include "test/lib/traces.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define KEY_SIZE 64

static void expect(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "traces: %s\n", what);
	abort();
}

static uint64_t mix(uint64_t hash, const void *bytes, size_t size)
{
	for (size_t i = 0; i < size; i += sizeof(uint64_t)) {
		size_t rest = size - i < sizeof(uint64_t) ? size - i : sizeof(uint64_t);
		uint64_t word = 0;

		memcpy(&word, (const char *)bytes + i, rest);
		hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
		hash ^= hash >> 29;
	}
	return hash;
}

static size_t value_size(const struct bpf_map_info *information)
{
	size_t size = ((size_t)information->value_size + 7) / 8 * 8;

	return information->type == BPF_MAP_TYPE_PERCPU_ARRAY ||
			       information->type == BPF_MAP_TYPE_PERCPU_HASH
		       ? size * (size_t)libbpf_num_possible_cpus()
		       : size;
}

static uint64_t digest_entries(int map, const struct bpf_map_info *information, uint64_t hash)
{
	unsigned char key[KEY_SIZE], next[KEY_SIZE], *value = calloc(1, value_size(information));
	void *previous = NULL;

	expect(value && information->key_size <= KEY_SIZE, information->name);
	while (!bpf_map_get_next_key(map, previous, next)) {
		memcpy(key, next, information->key_size);
		previous = key;
		expect(!bpf_map_lookup_elem(map, key, value), information->name);
		hash = mix(hash, key, information->key_size);
		hash = mix(hash, value, value_size(information));
	}
	free(value);
	return hash;
}

/* The kernel maps the position of the reader first, and that of the writers behind it. */
static uint64_t digest_ring(int map, uint64_t hash)
{
	long page = sysconf(_SC_PAGESIZE);

	for (int i = 0; i < 2; i++) {
		void *position = mmap(NULL, page, PROT_READ, MAP_SHARED, map, i * page);

		expect(position != MAP_FAILED, "a ring's positions");
		hash = mix(hash, position, sizeof(unsigned long));
		munmap(position, page);
	}
	return hash;
}

uint64_t traces_digest(const struct programs *programs)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (size_t i = 0; i < RF_MAP_COUNT; i++) {
		struct bpf_map_info information = {};
		__u32 size = sizeof(information);

		expect(!bpf_obj_get_info_by_fd(programs->objects.maps[i], &information, &size),
		       rf_map_name(i));
		hash = information.type == BPF_MAP_TYPE_RINGBUF
			       ? digest_ring(programs->objects.maps[i], hash)
			       : digest_entries(programs->objects.maps[i], &information, hash);
	}
	return hash;
}
