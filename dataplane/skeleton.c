// SPDX-License-Identifier: Apache-2.0
#include "dataplane/skeleton.h"
#include "dataplane/memlock.h"
#include "netconf/cleanup.h"

#include "bpf/ringfence.build.h"
#include "bpf/ringfence.skel.h"

#include <bpf/libbpf.h>
#include <string.h>

/* The last thing that libbpf had to say; of a refused program, what the verifier did. */
static char last_words[384];
static bool has_reason;

static void keep(const char *text, size_t length)
{
	snprintf(last_words, sizeof(last_words), "%.*s", (int)length, text);
}

/* The verifier's reason is the line before "processed N insns", at the end of its log. */
static bool keep_reason(const char *log)
{
	const char *summary = strstr(log, "\nprocessed "), *line = summary;

	if (!summary)
		return false;
	while (line > log && line[-1] != '\n')
		line--;
	keep(line, (size_t)(summary - line));
	return true;
}

static int remember(enum libbpf_print_level level, const char *format, va_list arguments)
{
	_cleanup_free_ char *text = NULL;

	if (level != LIBBPF_WARN || has_reason || vasprintf(&text, format, arguments) < 0)
		return 0;
	has_reason = keep_reason(text);
	if (!has_reason)
		keep(text, strcspn(text, "\n"));
	return 0;
}

uint64_t rf_skeleton_build(void)
{
	return RF_BUILD ? RF_BUILD : 1;
}

struct bpf_map *rf_skeleton_map(const struct ringfence *skeleton, enum rf_map map)
{
	return bpf_object__find_map_by_name(skeleton->obj, rf_map_name(map));
}

static int set_sizes(struct ringfence *skeleton, const struct rf_map_sizes *sizes,
		     struct rf_error *error)
{
	for (size_t i = 0; i < rf_map_size_count; i++) {
		const struct rf_map_size *size = &rf_map_size_table[i];
		uint32_t asked = *(const uint32_t *)((const char *)sizes + size->offset);
		struct bpf_map *map = rf_skeleton_map(skeleton, size->map);
		int ret;

		if (!asked)
			continue;
		ret = map ? bpf_map__set_max_entries(map, asked * size->factor + size->extra)
			  : -ENOENT;
		if (ret)
			return rf_fail_system(error, RF_CODE_LOAD, ret, "set maps.%s to %u",
					      size->key, asked);
	}
	return 0;
}

int rf_skeleton_open(const struct rf_map_sizes *sizes, struct ringfence **skeleton,
		     struct rf_error *error)
{
	_cleanup_skeleton_ struct ringfence *opened = NULL;
	int ret;

	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	libbpf_set_print(remember);
	opened = ringfence__open();
	if (!opened)
		return rf_fail_system(error, RF_CODE_LOAD, -errno, "open the programs (%s)",
				      last_words);
	ret = set_sizes(opened, sizes, error);
	if (!ret)
		*skeleton = TAKE_PTR(opened);
	return ret;
}

/* What a kernel before 5.11 charges for it all. */
static uint64_t memory_needed(const struct ringfence *skeleton)
{
	int cpus = libbpf_num_possible_cpus();
	struct bpf_program *program;
	const struct bpf_map *map;
	uint64_t needed = 0;

	bpf_object__for_each_map(map, skeleton->obj)
	{
		const struct rf_map_shape shape = {
			.type = bpf_map__type(map),
			.key_size = bpf_map__key_size(map),
			.value_size = bpf_map__value_size(map),
			.max_entries = bpf_map__max_entries(map),
			.flags = bpf_map__map_flags(map),
		};

		needed += rf_memlock_of_map(&shape, cpus > 0 ? cpus : 1);
	}
	bpf_object__for_each_program(program, skeleton->obj) needed +=
		bpf_program__insn_cnt(program) * sizeof(struct bpf_insn);
	return needed;
}

int rf_skeleton_load(struct ringfence *skeleton, struct rf_error *error)
{
	int ret = ringfence__load(skeleton);

	if (!ret)
		return 0;
	if (ret == -EPERM && !rf_memlock_explain(memory_needed(skeleton), error))
		return ret;
	rf_fail_system(error, RF_CODE_LOAD, ret, "load programs and maps (%s)", last_words);
	/* Whose right it is, who prints the error will say. */
	if (ret != -EPERM)
		rf_error_hint(error,
			      "ringfence needs Linux 5.10 or later with CONFIG_BPF_SYSCALL and "
			      "CONFIG_NET_CLS_BPF; a smaller `maps` needs less memory");
	return ret;
}

void rf_skeleton_free(struct ringfence **skeleton)
{
	ringfence__destroy(*skeleton);
}
