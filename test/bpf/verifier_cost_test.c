/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the verifier has to look at before it takes a program: the time that the first ADD after
 * boot takes, and how far the kernel's limit of a million instructions is. It grows unnoticed, so
 * verifier_cost.txt has what it was; another kernel counts otherwise, and has lines of its own.
 */
#include "test/lib/programs.h"

#include "bpf/ringfence.skel.h"

#include <bpf/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define BASELINE "test/bpf/verifier_cost.txt"

static uint32_t cost_of(const struct programs *programs, const char *name)
{
	const struct bpf_program *program =
		bpf_object__find_program_by_name(programs->skeleton->obj, name);
	struct bpf_prog_info information = {};
	__u32 size = sizeof(information);

	assert_non_null(program);
	assert_int_equal(bpf_obj_get_info_by_fd(bpf_program__fd(program), &information, &size), 0);
	return information.verified_insns;
}

/* "6.18" of a release such as "6.18.44-cloud". */
static void kernel_series(char series[32])
{
	struct utsname name;
	char *end;

	assert_int_equal(uname(&name), 0);
	end = strchr(name.release, '.');
	assert_non_null(end);
	end += 1 + strspn(end + 1, "0123456789");
	snprintf(series, 32, "%.*s", (int)(end - name.release), name.release);
}

/* The baseline of @program under the kernels of @series; 0: there is none. */
static uint32_t baseline_of(const char *series, const char *program)
{
	FILE *file = fopen(BASELINE, "re");
	char line[128], wanted[72];
	uint32_t baseline = 0;
	size_t length;

	assert_non_null(file);
	length = (size_t)snprintf(wanted, sizeof(wanted), "%s %s ", series, program);
	while (fgets(line, sizeof(line), file))
		if (!strncmp(line, wanted, length))
			baseline = strtoul(line + length, NULL, 10);
	fclose(file);
	return baseline;
}

static void no_program_costs_a_tenth_more_than_its_baseline(void **state)
{
	static const char *const names[] = {"rf_to_pod", "rf_from_pod", "rf_explain"};
	struct programs *programs = programs_load(NULL);
	bool grown = false, known = true;
	char series[32];

	(void)state;
	kernel_series(series);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *name = names[i];
		uint32_t cost = cost_of(programs, name);
		uint32_t baseline = baseline_of(series, name);

		print_message("# %s %s %u (baseline %u)\n", series, name, cost, baseline);
		known = known && cost && baseline;
		if (baseline && cost > baseline + baseline / 10) {
			print_error("%s: the verifier looks at %u instructions, %u%% more than the "
				    "%u of " BASELINE "; make it cheaper, or write the new number "
				    "there and why it is worth it\n",
				    name, cost, (cost - baseline) * 100 / baseline, baseline);
			grown = true;
		}
	}
	programs_free(programs);
	if (!known) {
		print_message("skip: no baseline for Linux %s in " BASELINE "\n", series);
		skip();
	}
	assert_false(grown);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_program_costs_a_tenth_more_than_its_baseline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
