#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2030,SC2031 # each test has its own `before`
#
# The two ways to attach: which one is taken, what holds on a kernel that has only the older one, and that the programs,
# filters and qdiscs of others stay as they are. Each test has its own host.

setup() {
	load helpers.bash
	warm_host
	pod web 2
	pod friend 3
	serve web tcp 80
	before=$(snapshot)
}

teardown() {
	stop_host
}

FOREIGN=/sys/fs/bpf/foreign # the pin of another one's program

open_policy="$(
	load helpers.bash
	policy "$(allow 1 tcp 80)"
)"
closed_policy="$(
	load helpers.bash
	policy ""
) | .policy.egress = {default: \"deny\"}"

# A kernel before 6.6, for the plugin.
without_tcx() { # succeeds|fails [CODE] VERB POD FILTER
	"$@" LD_PRELOAD="$TOOLS/no_tcx.so" ASAN_OPTIONS="${ASAN_OPTIONS:-}:verify_asan_link_order=0"
}

web_answers() {
	local address

	for address in $(addresses web); do
		reaches friend tcp "$address" 80
	done
}

web_is_closed() {
	local address

	for address in $(addresses web); do
		echo reaches_not friend tcp "$address" 80
	done >"$BATS_TEST_TMPDIR/attempts"
	together <"$BATS_TEST_TMPDIR/attempts"
}

# sees COMMAND...: while it runs the foreign program sees packets
sees() {
	local count

	count=$(lab "$TOOLS/kernel" count $FOREIGN)
	"$@"
	[ "$(lab "$TOOLS/kernel" count $FOREIGN)" -gt "$count" ] || fail "the foreign program saw no packet"
}

# Which way

@test "auto takes TCX where the kernel has it, else clsact" {
	succeeds ADD web "$open_policy"
	expect attach "$(modes | head -n 1)" "$(record_value web attach)"
	is_attached v2
}

@test "auto on a kernel without TCX takes clsact: the policy holds, CHECK agrees, DEL leaves nothing" {
	without_tcx succeeds ADD web "$open_policy"
	expect attach clsact "$(record_value web attach)"
	is_attached v2
	web_answers
	without_tcx succeeds ADD web "$closed_policy"
	web_is_closed
	without_tcx succeeds CHECK web "$closed_policy"
	succeeds CHECK web "$closed_policy"
	without_tcx succeeds DEL web .
	unchanged "$before"
}

@test "what was attached on an old kernel, a plugin that finds TCX moves and removes" {
	needs_tcx
	without_tcx succeeds ADD web "$closed_policy"
	succeeds ADD web "$open_policy"
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
	succeeds ADD web "$open_policy | .attach = \"clsact\""
	expect attach clsact "$(record_value web attach)"
	expect qdisc clsact "$(lab tc -j qdisc show dev v2 | jq -r '.[] | select(.kind == "clsact") | .kind')"
	for hook in ingress egress; do
		expect "$hook filters" 1 "$(lab tc -j filter show dev v2 "$hook" | jq '[.[] | select(.options.handle)] | length')"
	done
	expect "TCX programs" "" "$(lab "$TOOLS/kernel" hooks)"
}

# Others

@test "a plain ingress qdisc where clsact is needed is 104: the egress filter would never be called" {
	lab tc qdisc add dev v2 ingress
	refuses 104 web "$open_policy | .attach = \"clsact\"" 'has a qdisc of kind "ingress" where clsact is needed'
	says TCX
	lab tc qdisc show dev v2 | grep -q ingress
	succeeds DEL web
	lab tc qdisc show dev v2 | grep -q ingress
}

@test "tcx: a plain ingress qdisc does not matter, and stays" {
	needs_tcx
	lab tc qdisc add dev v2 ingress
	before=$(snapshot)
	succeeds ADD web "$closed_policy | .attach = \"tcx\""
	web_is_closed
	succeeds DEL web
	unchanged "$before"
}

@test "tcx: another's programs keep running, after ours, whoever came first" {
	needs_tcx
	lab "$TOOLS/kernel" load $FOREIGN
	lab "$TOOLS/kernel" attach $FOREIGN v2 ingress
	succeeds ADD web "$open_policy | .attach = \"tcx\""
	lab "$TOOLS/kernel" attach $FOREIGN v2 egress
	expect "order of ingress" "rf_from_pod foreign" "$(lab "$TOOLS/kernel" hooks | awk '/v2 tcx ingress/ { print $4 }' | xargs)"
	sees web_answers
	succeeds CHECK web "$open_policy"
	succeeds DEL web
	within 2 is_detached v2
	expect "programs that stay" "foreign foreign" "$(lab "$TOOLS/kernel" hooks | awk '{ print $4 }' | xargs)"
	sees web_answers
}

# How many packets the foreign program sees while friend sends 50 to web.
seen_of_50() {
	local count

	count=$(lab "$TOOLS/kernel" count $FOREIGN)
	# shellcheck disable=SC2016
	in_pod friend bash -c 'for i in {1..50}; do echo "$i" >/dev/udp/10.88.0.2/9; done'
	echo $(($(lab "$TOOLS/kernel" count $FOREIGN) - count))
}

@test "tcx: another's program sees what is allowed, and not what is denied" {
	needs_tcx
	lab "$TOOLS/kernel" load $FOREIGN
	lab "$TOOLS/kernel" attach $FOREIGN v2 egress
	succeeds ADD web "$closed_policy | .attach = \"tcx\""
	# Neighbours ask for each other, and that passes.
	[ "$(seen_of_50)" -lt 50 ]
	succeeds ADD web "$(policy "$(allow 1 udp 9)") | .attach = \"tcx\""
	[ "$(seen_of_50)" -ge 50 ]
}

add_foreign_filters() { # LINK
	local hook

	lab "$TOOLS/kernel" load $FOREIGN
	for hook in ingress egress; do
		lab tc filter add dev "$1" $hook prio 50 handle 7 bpf da object-pinned $FOREIGN
	done
}

foreign_filters() { # LINK
	lab tc filter show dev "$1" ingress | grep -c 'handle 0x7 foreign' || true
	lab tc filter show dev "$1" egress | grep -c 'handle 0x7 foreign' || true
}

@test "clsact: another's filters, and the qdisc that is theirs, keep working through ADD and DEL" {
	lab tc qdisc add dev v2 clsact
	add_foreign_filters v2
	before=$(snapshot)
	succeeds ADD web "$open_policy | .attach = \"clsact\""
	sees web_answers
	succeeds CHECK web "$open_policy"
	expect "made the qdisc" false "$(record_value web madeQdisc)"
	succeeds DEL web
	unchanged "$before"
	sees web_answers
}

@test "clsact: a qdisc that was there, though empty, stays" {
	lab tc qdisc add dev v2 clsact
	before=$(snapshot)
	succeeds ADD web "$open_policy | .attach = \"clsact\""
	succeeds ADD web "$open_policy | .attach = \"clsact\""
	succeeds DEL web
	unchanged "$before"
	lab tc qdisc show dev v2 | grep -q clsact
}

@test "clsact: our own qdisc goes, after a second ADD too" {
	for _ in 1 2; do
		succeeds ADD web "$open_policy | .attach = \"clsact\""
		succeeds ADD web "$open_policy | .attach = \"clsact\""
		expect "made the qdisc" true "$(record_value web madeQdisc)"
		succeeds DEL web
		unchanged "$before"
	done
}

@test "clsact: our own qdisc stays when somebody has put a filter there since" {
	succeeds ADD web "$open_policy | .attach = \"clsact\""
	add_foreign_filters v2
	succeeds DEL web
	within 2 is_detached v2
	expect "foreign filters" $'1\n1' "$(foreign_filters v2)"
	sees web_answers
}

@test "tcx beside another's clsact filters: both see the packets, theirs stay" {
	needs_tcx
	lab tc qdisc add dev v2 clsact
	add_foreign_filters v2
	before=$(snapshot)
	succeeds ADD web "$open_policy | .attach = \"tcx\""
	sees web_answers
	succeeds ADD web "$closed_policy | .attach = \"tcx\""
	web_is_closed
	succeeds DEL web
	unchanged "$before"
}
