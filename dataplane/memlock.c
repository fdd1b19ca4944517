// SPDX-License-Identifier: Apache-2.0
#include "dataplane/memlock.h"
#include "netconf/cleanup.h"

#include <bpf/bpf.h>
#include <inttypes.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <unistd.h>

#define KIB 1024
#define MIB UINT64_C(1048576)

/* Sizes of structures of 5.10: kernel/bpf/hashtab.c, lpm_trie.c, arraymap.c and ringbuf.c. */
#define HASH_BUCKET    16
#define HASH_ELEMENT   48 /* and key and value, each rounded up to 8 */
#define TRIE_NODE      40 /* and key and value */
#define TRIE_PREFIXLEN 4  /* of the key, which the node has in its own 40 bytes */
#define RING_PAGES     3  /* what producer, consumer and the kernel have besides the data */
#define MAP_ITSELF     512

static uint64_t round_up(uint64_t value, uint64_t to)
{
	return (value + to - 1) / to * to;
}

static uint64_t buckets_of(const struct rf_map_shape *shape)
{
	uint64_t buckets = 1;

	while (buckets < shape->max_entries)
		buckets *= 2;
	return buckets;
}

static uint64_t of_hash(const struct rf_map_shape *shape, uint32_t cpus)
{
	uint64_t element =
		HASH_ELEMENT + round_up(shape->key_size, 8) + round_up(shape->value_size, 8);

	return buckets_of(shape) * HASH_BUCKET + (shape->max_entries + (uint64_t)cpus) * element;
}

/* The element has a pointer to its values, and there are no spare ones. */
static uint64_t of_percpu_hash(const struct rf_map_shape *shape, uint32_t cpus)
{
	uint64_t element = HASH_ELEMENT + round_up(shape->key_size, 8) + sizeof(void *) +
			   round_up(shape->value_size, 8) * cpus;

	return buckets_of(shape) * HASH_BUCKET + shape->max_entries * element;
}

uint64_t rf_memlock_of_map(const struct rf_map_shape *shape, uint32_t cpus)
{
	uint64_t page = sysconf(_SC_PAGESIZE);
	uint64_t value = round_up(shape->value_size, 8);
	uint64_t size = MAP_ITSELF;

	switch (shape->type) {
	case BPF_MAP_TYPE_HASH:
	case BPF_MAP_TYPE_LRU_HASH:
		size += of_hash(shape, cpus);
		break;
	case BPF_MAP_TYPE_PERCPU_HASH:
		size += of_percpu_hash(shape, cpus);
		break;
	case BPF_MAP_TYPE_LPM_TRIE:
		size += shape->max_entries * (uint64_t)(TRIE_NODE + shape->key_size -
							TRIE_PREFIXLEN + shape->value_size);
		break;
	case BPF_MAP_TYPE_PERCPU_ARRAY:
		size += shape->max_entries * (sizeof(void *) + value * cpus);
		break;
	case BPF_MAP_TYPE_RINGBUF:
		size += shape->max_entries + RING_PAGES * page;
		break;
	default:
		/* What may be mapped into memory begins at a page of its own. */
		if (shape->flags & BPF_F_MMAPABLE)
			size = page;
		size += shape->max_entries * value;
	}
	return round_up(size, page);
}

/* What asks for no memory is permitted: so it is not that bpf() as a whole is forbidden. */
static bool is_permitted(void)
{
	__u32 next;

	return !bpf_map_get_next_id(0, &next) || errno == ENOENT;
}

/* Asked of the kernel: with no byte allowed, does it refuse the smallest map? */
static bool is_charged(const struct rlimit *limit)
{
	const struct rlimit nothing = {.rlim_cur = 0, .rlim_max = limit->rlim_max};
	_cleanup_close_ int map = -1;

	if (!is_permitted() || setrlimit(RLIMIT_MEMLOCK, &nothing))
		return false;
	map = bpf_map_create(BPF_MAP_TYPE_ARRAY, NULL, sizeof(uint32_t), sizeof(uint32_t), 1, NULL);
	setrlimit(RLIMIT_MEMLOCK, limit);
	return map < 0;
}

int rf_memlock_explain(uint64_t needed, struct rf_error *error)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_MEMLOCK, &limit))
		return -errno;
	if (limit.rlim_cur == RLIM_INFINITY || !is_charged(&limit))
		return -ENOENT;
	rf_error_hint(
		error,
		"raise it for the runtime, for example by LimitMEMLOCK=infinity in the "
		"[Service] section of containerd.service (systemctl edit containerd), or give "
		"it CAP_SYS_RESOURCE; kernels from 5.11 on do not have this limit for maps");
	return rf_fail(error, RF_CODE_LOAD, 0,
		       "RLIMIT_MEMLOCK is %" PRIu64
		       " KiB, and this kernel charges maps and programs "
		       "to it, those of all processes of root together: ringfence needs %" PRIu64
		       " MiB (or less with smaller `maps`)",
		       (uint64_t)limit.rlim_cur / KIB, (needed + MIB - 1) / MIB);
}
