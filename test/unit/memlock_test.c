// SPDX-License-Identifier: Apache-2.0
/*
 * What kernels before 5.11 charge to RLIMIT_MEMLOCK for a map, against what such a kernel said that
 * it had charged: `bpftool map show` on Linux 5.10.262 with 2 possible CPUs.
 */
#include "dataplane/memlock.h"

#include <linux/bpf.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>

#include <cmocka.h>

#define CPUS 2

static const struct {
	struct rf_map_shape shape; /* type, key, value, entries, flags */
	uint64_t charged;          /* bytes */
} maps[] = {
	{{BPF_MAP_TYPE_HASH, 16, 4, 4096, 0}, 364544},
	{{BPF_MAP_TYPE_HASH, 4, 4, 1024, 0}, 86016},
	{{BPF_MAP_TYPE_HASH, 44, 16, 4096, 0}, 528384},
	{{BPF_MAP_TYPE_LRU_HASH, 40, 72, 262144, 0}, 46141440},
	{{BPF_MAP_TYPE_LRU_HASH, 40, 72, 65536, 0}, 11538432},
	{{BPF_MAP_TYPE_LPM_TRIE, 24, 8, 65536, BPF_F_NO_PREALLOC}, 4460544},
	{{BPF_MAP_TYPE_LPM_TRIE, 12, 12, 131072, BPF_F_NO_PREALLOC}, 7868416},
	{{BPF_MAP_TYPE_PERCPU_ARRAY, 4, 576, 1025, 0}, 1191936},
	{{BPF_MAP_TYPE_PERCPU_ARRAY, 4, 8, 1, 0}, 4096},
	{{BPF_MAP_TYPE_ARRAY, 4, 48, 1025, BPF_F_MMAPABLE}, 57344},
	{{BPF_MAP_TYPE_ARRAY, 4, 8, 1, BPF_F_MMAPABLE | BPF_F_RDONLY_PROG}, 8192},
	{{BPF_MAP_TYPE_ARRAY, 4, 16, 1, 0}, 4096},
	{{BPF_MAP_TYPE_RINGBUF, 0, 0, 1048576, 0}, 1064960},
};

static void a_map_is_charged_as_linux_5_10_does(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++)
		assert_int_equal(rf_memlock_of_map(&maps[i].shape, CPUS), maps[i].charged);
}

static void values_of_every_cpu_are_charged(void **state)
{
	const struct rf_map_shape shape = {BPF_MAP_TYPE_PERCPU_ARRAY, 4, 512, 1024, 0};

	(void)state;
	assert_int_equal(rf_memlock_of_map(&shape, 64) - rf_memlock_of_map(&shape, 32),
			 32 * 512 * 1024);
}

/* More entries than 32 bits of bytes hold: no number wraps. */
static void the_largest_maps_do_not_wrap(void **state)
{
	const struct rf_map_shape shape = {BPF_MAP_TYPE_LRU_HASH, 40, 72, 1u << 31, 0};

	(void)state;
	assert_true(rf_memlock_of_map(&shape, CPUS) > (UINT64_C(1) << 31) * (40 + 72));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_map_is_charged_as_linux_5_10_does),
		cmocka_unit_test(values_of_every_cpu_are_charged),
		cmocka_unit_test(the_largest_maps_do_not_wrap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
