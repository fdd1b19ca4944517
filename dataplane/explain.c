// SPDX-License-Identifier: Apache-2.0
#include "dataplane/explain.h"
#include "dataplane/load.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#define PIN RF_PIN_DIRECTORY "/progs/" RF_EXPLAIN_PROGRAM

int rf_explain_open(int *program, struct rf_error *error)
{
	int ret;

	*program = bpf_obj_get(PIN);
	if (*program >= 0)
		return 0;
	ret = -errno;
	if (ret == -ENOENT)
		rf_error_hint(error, "what is loaded is of an earlier version");
	return rf_fail_system(error, RF_CODE_LOAD, ret, "open pin %s", PIN);
}

int rf_explain_ask(int program, uint32_t ifindex, uint32_t question, const void *packet,
		   size_t length, struct rf_explanation *out)
{
	unsigned char frame[RF_EXPLAIN_PACKET_MAX] = {}, answer[RF_EXPLAIN_PACKET_MAX];
	struct __sk_buff context = {.ifindex = ifindex, .cb = {question}};
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame, .data_out = answer,
		    .data_size_out = sizeof(answer), .ctx_in = &context,
		    .ctx_size_in = sizeof(context));
	int ret;

	if (length > sizeof(frame))
		return -E2BIG;
	memcpy(frame, packet, length);
	run.data_size_in = length < sizeof(*out) ? sizeof(*out) : length;
	ret = bpf_prog_test_run_opts(program, &run);
	if (ret)
		return ret;
	if (run.data_size_out < sizeof(*out))
		return -EPROTO;
	memcpy(out, answer, sizeof(*out));
	return 0;
}
