#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2030,SC2031 # each test has its own `before`
#
# The two ways to attach: which one is taken, and what holds on a kernel that has only the older one. Each test has its own host.

setup() {
	load helpers.bash
	load others.bash
	web_and_friend
	before=$(snapshot)
}

teardown() {
	stop_host
}

# Which way

@test "auto takes TCX where the kernel has it, else clsact" {
	succeeds ADD web "$OPEN"
	expect attach "$(modes | head -n 1)" "$(record_value web attach)"
	is_attached v2
}

@test "auto on a kernel without TCX takes clsact: the policy holds, CHECK agrees, DEL leaves nothing" {
	without_tcx succeeds ADD web "$OPEN"
	expect attach clsact "$(record_value web attach)"
	is_attached v2
	web_answers
	without_tcx succeeds ADD web "$CLOSED"
	web_is_closed
	without_tcx succeeds CHECK web "$CLOSED"
	succeeds CHECK web "$CLOSED"
	without_tcx succeeds DEL web .
	unchanged "$before"
}

@test "what was attached on an old kernel, a plugin that finds TCX moves and removes" {
	needs_tcx
	without_tcx succeeds ADD web "$CLOSED"
	succeeds ADD web "$OPEN"
	expect attach tcx "$(record_value web attach)"
	is_attached v2
	web_answers
	succeeds DEL web
	unchanged "$before"
}

@test "attach tcx on a kernel without it is 104: says so, hints, leaves nothing" {
	without_tcx fails 104 ADD web '.attach = "tcx"'
	says "this kernel has no TCX"
	says "Linux 6.6"
	unchanged "$before"
}

@test "clsact is taken when it is asked for, with a filter a direction" {
	succeeds ADD web "$OPEN | .attach = \"clsact\""
	expect attach clsact "$(record_value web attach)"
	expect qdisc clsact "$(lab tc -j qdisc show dev v2 | jq -r '.[] | select(.kind == "clsact") | .kind')"
	for hook in ingress egress; do
		expect "$hook filters" 1 "$(lab tc -j filter show dev v2 "$hook" | jq '[.[] | select(.options.handle)] | length')"
	done
	expect "TCX programs" "" "$(lab "$TOOLS/kernel" hooks)"
}
