// SPDX-License-Identifier: Apache-2.0
/*
 * What the kernel has, asked without any of ringfence's own code, for the tests of this directory.
 *
 *   kernel maps DIRECTORY    the entries of the maps pinned there, in hex; of arrays the non-zero
 *   kernel tcx               succeeds if it has TCX
 *   kernel hooks             the programs at the TCX hooks of this network namespace's interfaces
 *   kernel load PIN [next|ok|drop|stolen [NAME]]    a program that counts packets and returns that:
 *                            let the next one decide, unless said otherwise
 *   kernel attach PIN INTERFACE ingress|egress [first]    attaches it by TCX, last unless told
 *   kernel move LINK-PIN NEW-PIN     pins a link elsewhere, and removes the old pin
 *   kernel count PIN         how many packets it has seen
 *   kernel xdp INTERFACE     an XDP program there, which passes everything
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* linux/bpf.h of 6.6 */
#define TCX_INGRESS 46
#define TCX_EGRESS  47
#define TCX_NEXT    (-1)

#define MPROG_BEFORE (1u << 3)
#define MPROG_AFTER  (1u << 4)

#define PATH_SIZE    512
#define PROGRAMS_MAX 16

static void die(const char *what)
{
	fprintf(stderr, "kernel: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void print_hex(const unsigned char *bytes, size_t size)
{
	putchar(' ');
	for (size_t i = 0; i < size; i++)
		printf("%02x", bytes[i]);
}

static bool is_zero(const unsigned char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (bytes[i])
			return false;
	return true;
}

/* Per-CPU values are counters, and rings have no entries. */
static bool is_dumped(const struct bpf_map_info *information)
{
	return information->type == BPF_MAP_TYPE_HASH ||
	       information->type == BPF_MAP_TYPE_LRU_HASH ||
	       information->type == BPF_MAP_TYPE_LPM_TRIE ||
	       information->type == BPF_MAP_TYPE_ARRAY;
}

static void dump_entries(int map, const char *name, const struct bpf_map_info *information)
{
	unsigned char *key = calloc(1, information->key_size);
	unsigned char *value = calloc(1, information->value_size);
	const unsigned char *previous = NULL;

	if (!key || !value)
		die("memory");
	for (; !bpf_map_get_next_key(map, previous, key); previous = key) {
		if (bpf_map_lookup_elem(map, key, value))
			continue;
		if (information->type == BPF_MAP_TYPE_ARRAY &&
		    is_zero(value, information->value_size))
			continue;
		printf("%s", name);
		print_hex(key, information->key_size);
		print_hex(value, information->value_size);
		putchar('\n');
	}
	free(key);
	free(value);
}

static int maps(char **arguments)
{
	DIR *directory = opendir(arguments[0]);
	const struct dirent *entry;

	/* Not loaded: no entries. */
	if (!directory)
		return 0;
	while ((entry = readdir(directory))) {
		struct bpf_map_info information = {0};
		__u32 size = sizeof(information);
		char path[PATH_SIZE];
		int map;

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", arguments[0], entry->d_name);
		map = bpf_obj_get(path);
		if (map < 0 || bpf_obj_get_info_by_fd(map, &information, &size))
			die(path);
		if (is_dumped(&information))
			dump_entries(map, entry->d_name, &information);
		close(map);
	}
	closedir(directory);
	return 0;
}

static void print_programs(const struct if_nameindex *interface, const char *hook, int attach_type)
{
	__u32 programs[PROGRAMS_MAX], number = PROGRAMS_MAX, attach_flags;

	/* A kernel without TCX has no programs there. */
	if (bpf_prog_query((int)interface->if_index, attach_type, 0, &attach_flags, programs,
			   &number))
		return;
	for (__u32 i = 0; i < number; i++) {
		struct bpf_prog_info information = {0};
		__u32 size = sizeof(information);
		int program = bpf_prog_get_fd_by_id(programs[i]);

		if (program >= 0 && !bpf_obj_get_info_by_fd(program, &information, &size))
			printf("%s tcx %s %s\n", interface->if_name, hook, information.name);
		if (program >= 0)
			close(program);
	}
}

static int hooks(char **arguments)
{
	struct if_nameindex *interfaces = if_nameindex();

	(void)arguments;
	if (!interfaces)
		die("interfaces");
	for (const struct if_nameindex *interface = interfaces; interface->if_index; interface++) {
		print_programs(interface, "ingress", TCX_INGRESS);
		print_programs(interface, "egress", TCX_EGRESS);
	}
	if_freenameindex(interfaces);
	return 0;
}

static int tcx(char **arguments)
{
	__u32 number = 0;

	(void)arguments;
	return bpf_prog_query((int)if_nametoindex("lo"), TCX_INGRESS, 0, NULL, NULL, &number) != 0;
}

static int load_counting(int counter, int verdict, const char *name)
{
	const struct bpf_insn instructions[] = {
		/* r1 = &counter[0] */
		{.code = BPF_LD | BPF_DW, /* and BPF_IMM, which is 0 */
		 .dst_reg = 1,
		 .src_reg = BPF_PSEUDO_MAP_VALUE,
		 .imm = counter},
		{.code = 0},
		/* r2 = 1; lock *(u64 *)r1 += r2 */
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 2, .imm = 1},
		{.code = BPF_STX | BPF_DW | BPF_ATOMIC, .dst_reg = 1, .src_reg = 2, .imm = BPF_ADD},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = verdict},
		{.code = BPF_JMP | BPF_EXIT},
	};

	return bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, name, "GPL", instructions,
			     sizeof(instructions) / sizeof(instructions[0]), NULL);
}

static int verdict_of(const char *name)
{
	static const struct {
		const char *name;
		int value;
	} verdicts[] = {
		{"next", TCX_NEXT},
		{"ok", TC_ACT_OK},
		{"drop", TC_ACT_SHOT},
		{"stolen", TC_ACT_STOLEN},
	};

	for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
		if (!strcmp(name, verdicts[i].name))
			return verdicts[i].value;
	errno = EINVAL;
	die(name);
	return 0;
}

static int load(char **arguments)
{
	int counter = bpf_map_create(BPF_MAP_TYPE_ARRAY, "foreign", sizeof(__u32), sizeof(__u64), 1,
				     NULL);
	const char *verdict = arguments[1], *name = verdict ? arguments[2] : NULL;
	int program = counter < 0 ? -1
				  : load_counting(counter, verdict ? verdict_of(verdict) : TCX_NEXT,
						  name ? name : "foreign");
	char path[PATH_SIZE];

	if (program < 0)
		die("load");
	snprintf(path, sizeof(path), "%s_count", arguments[0]);
	if (bpf_obj_pin(program, arguments[0]) || bpf_obj_pin(counter, path))
		die("pin");
	return 0;
}

static int attach(char **arguments)
{
	int program = bpf_obj_get(arguments[0]);
	int hook = strcmp(arguments[2], "ingress") ? TCX_EGRESS : TCX_INGRESS;
	LIBBPF_OPTS(bpf_link_create_opts, options,
		    .flags = arguments[3] ? MPROG_BEFORE : MPROG_AFTER);
	char path[PATH_SIZE];
	int link = -1;

	if (program >= 0)
		link = bpf_link_create(program, (int)if_nametoindex(arguments[1]), hook, &options);
	if (link < 0)
		die("attach");
	snprintf(path, sizeof(path), "%s_%s_%s", arguments[0], arguments[1], arguments[2]);
	if (bpf_obj_pin(link, path))
		die("pin");
	return 0;
}

static int move(char **arguments)
{
	int link = bpf_obj_get(arguments[0]);

	if (link < 0 || bpf_obj_pin(link, arguments[1]) || unlink(arguments[0]))
		die("move");
	return 0;
}

static int count(char **arguments)
{
	__u32 zero = 0;
	char path[PATH_SIZE];
	__u64 packets;
	int map;

	snprintf(path, sizeof(path), "%s_count", arguments[0]);
	map = bpf_obj_get(path);
	if (map < 0 || bpf_map_lookup_elem(map, &zero, &packets))
		die(path);
	printf("%llu\n", (unsigned long long)packets);
	return 0;
}

static int xdp(char **arguments)
{
	const struct bpf_insn instructions[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = XDP_PASS},
		{.code = BPF_JMP | BPF_EXIT},
	};
	int program = bpf_prog_load(BPF_PROG_TYPE_XDP, "foreign_xdp", "GPL", instructions,
				    sizeof(instructions) / sizeof(instructions[0]), NULL);

	if (program < 0 || bpf_xdp_attach((int)if_nametoindex(arguments[0]), program, 0, NULL))
		die("xdp");
	return 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int least, most; /* arguments */
		int (*run)(char **arguments);
	} commands[] = {
		{"maps", 1, 1, maps},     {"tcx", 0, 0, tcx},   {"hooks", 0, 0, hooks},
		{"load", 1, 3, load},     {"move", 2, 2, move}, {"count", 1, 1, count},
		{"attach", 3, 4, attach}, {"xdp", 1, 1, xdp},
	};

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (argc - 2 >= commands[i].least && argc - 2 <= commands[i].most &&
		    !strcmp(argv[1], commands[i].name))
			return commands[i].run(argv + 2);
	fprintf(stderr, "usage: kernel maps DIRECTORY | tcx | hooks | load PIN [VERDICT [NAME]] | "
			"attach PIN INTERFACE HOOK [first] | move LINK-PIN NEW-PIN | count PIN | "
			"xdp INTERFACE\n");
	return 2;
}
