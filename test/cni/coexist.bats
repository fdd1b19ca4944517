#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2030,SC2031 # each test has its own `before`
#
# With programs, filters and qdiscs of others at the same interface: ringfence is called before them and sees every packet, or ADD
# refuses and says what is in the way; theirs run on what it allows, and stay as they are. Each test has its own host.

setup() {
	load helpers.bash
	load others.bash
	web_and_friend
	before=$(snapshot)
}

teardown() {
	stop_host
}

# TCX

@test "tcx: another's programs keep running, after ours, whoever came first" {
	needs_tcx
	foreign_program
	foreign_tcx ingress
	succeeds ADD web "$OPEN | .attach = \"tcx\""
	foreign_tcx egress
	expect "order of ingress" "rf_from_pod foreign" "$(tcx_order ingress)"
	expect "order of egress" "rf_to_pod foreign" "$(tcx_order egress)"
	sees web_answers
	succeeds CHECK web "$OPEN"
	succeeds DEL web
	within 2 is_detached v2
	expect "programs that stay" "foreign foreign" "$(tcx_order ingress) $(tcx_order egress)"
	sees web_answers
}

@test "tcx: another's program that was there and ends the chain hides nothing from ours" {
	needs_tcx
	foreign_program ok
	foreign_tcx ingress
	foreign_tcx egress
	sees web_answers
	succeeds ADD web "$CLOSED | .attach = \"tcx\""
	web_is_closed
	succeeds ADD web "$OPEN | .attach = \"tcx\""
	sees web_answers
}

# How many packets the foreign program sees while friend sends 50 to web.
seen_of_50() {
	local count

	count=$(foreign_count)
	# shellcheck disable=SC2016
	in_pod friend bash -c 'for i in {1..50}; do echo "$i" >/dev/udp/10.88.0.2/9; done'
	echo $(($(foreign_count) - count))
}

@test "tcx: another's program sees what is allowed, and not what is denied" {
	needs_tcx
	foreign_program
	foreign_tcx egress
	succeeds ADD web "$CLOSED | .attach = \"tcx\""
	# Neighbours ask for each other, and that passes.
	[ "$(seen_of_50)" -lt 50 ]
	succeeds ADD web "$(policy "$(allow 1 udp 9)") | .attach = \"tcx\""
	[ "$(seen_of_50)" -ge 50 ]
}

@test "tcx: a program that was put before ours since is left by CHECK, and 104 at the next ADD, until DEL and ADD" {
	needs_tcx
	for hook in ingress egress; do
		succeeds ADD web "$OPEN | .attach = \"tcx\""
		foreign_program ok
		foreign_tcx "$hook" first
		expect "first of $hook" foreign "$(tcx_order "$hook" | cut -d' ' -f1)"
		succeeds CHECK web "$OPEN"
		refuses 104 web "$CLOSED | .attach = \"tcx\"" '"foreign" at ifindex'
		says "TCX $hook, is called before ringfence"
		says "DEL, then ADD"
		succeeds DEL web
		within 2 is_detached v2
		succeeds ADD web "$CLOSED | .attach = \"tcx\""
		expect "last of $hook" foreign "$(tcx_order "$hook" | cut -d' ' -f2)"
		web_is_closed
		succeeds DEL web
		lab find "$(dirname "$FOREIGN")" -name 'foreign*' -delete
		unchanged "$before"
	done
}

@test "tcx: a hook that has as many programs as the kernel takes is 104, and all of them stay" {
	needs_tcx
	# shellcheck disable=SC2016
	lab bash -c '
		for number in {1..63}; do
			"$1" load "/sys/fs/bpf/foreign$number" && "$1" attach "/sys/fs/bpf/foreign$number" v2 ingress || exit
		done
	' programs "$TOOLS/kernel"
	refuses 104 web "$OPEN | .attach = \"tcx\"" "TCX ingress has 63 programs"
}

@test "tcx: a plain ingress qdisc does not matter, and stays" {
	needs_tcx
	lab tc qdisc add dev v2 ingress
	before=$(snapshot)
	succeeds ADD web "$CLOSED | .attach = \"tcx\""
	web_is_closed
	succeeds DEL web
	unchanged "$before"
}

@test "tcx: filters that are shared with other interfaces do not matter, and stay" {
	needs_tcx
	lab tc qdisc add dev v2 ingress_block 5 egress_block 6 clsact
	before=$(snapshot)
	succeeds ADD web "$CLOSED | .attach = \"tcx\""
	web_is_closed
	succeeds DEL web
	unchanged "$before"
}

@test "tcx beside another's clsact filters: both see the packets, theirs stay" {
	needs_tcx
	lab tc qdisc add dev v2 clsact
	foreign_program
	foreign_filter ingress 1 7
	foreign_filter egress 1 7
	before=$(snapshot)
	succeeds ADD web "$OPEN | .attach = \"tcx\""
	sees web_answers
	succeeds ADD web "$CLOSED | .attach = \"tcx\""
	web_is_closed
	succeeds DEL web
	unchanged "$before"
}

# clsact, and what may be called before it

@test "clsact where another's TCX program is, at either hook, is 104: it may hide packets from the filters" {
	needs_tcx
	foreign_program ok
	for hook in ingress egress; do
		foreign_tcx "$hook"
		refuses 104 web "$OPEN | .attach = \"clsact\"" "\"foreign\" at ifindex"
		says "TCX $hook, is called before ringfence"
		says '"auto"'
		lab rm "${FOREIGN}_v2_$hook"
		within 2 are_in_order "$hook" ""
	done
	succeeds ADD web "$CLOSED | .attach = \"clsact\""
	web_is_closed
}

@test "clsact: a TCX program of another that came later keeps DEL from nothing" {
	needs_tcx
	succeeds ADD web "$OPEN | .attach = \"clsact\""
	foreign_program
	foreign_tcx ingress
	succeeds CHECK web "$OPEN"
	refuses 104 web "$OPEN | .attach = \"clsact\"" "is called before ringfence"
	succeeds DEL web
	is_detached v2
	expect "foreign" foreign "$(tcx_order ingress)"
}

@test "clsact: a plain ingress qdisc is 104: the egress filter would never be called" {
	lab tc qdisc add dev v2 ingress
	refuses 104 web "$OPEN | .attach = \"clsact\"" 'has a qdisc of kind "ingress" where clsact is needed'
	says TCX
	lab tc qdisc show dev v2 | grep -q ingress
	succeeds DEL web
	lab tc qdisc show dev v2 | grep -q ingress
}

@test "clsact: a plain ingress qdisc that comes between the look and the making of ours is 104, too" {
	local adding

	# The first order over libbpf's own netlink is that for the qdisc; the call before it asks for the socket's name.
	succeeds ADD friend '.attach = "clsact"' "${STRACE[@]}" -o "$LAB_DIRECTORY/calls" -e trace=getsockname,sendto
	succeeds DEL friend
	config web "$OPEN | .attach = \"clsact\"" >"$BATS_TEST_TMPDIR/config"
	NUMBER=$(awk '/sendto/ { exit } { count++ } END { print count + 0 }' "$LAB_DIRECTORY/calls") stopping getsockname
	ringfence ADD web "${STOPPING[@]}" <"$BATS_TEST_TMPDIR/config" >"$BATS_TEST_TMPDIR/stdout" 3>&- 4>&- &
	adding=$!
	within 30 has_stopped
	lab test -e "$RUN/attachments/net/web:eth0.json"
	lab tc qdisc add dev v2 ingress
	go_on
	status=0
	wait "$adding" || status=$?
	expect "exit status" 1 "$status"
	expect code 104 "$(jq .code "$BATS_TEST_TMPDIR/stdout")"
	[[ $(jq -r .msg "$BATS_TEST_TMPDIR/stdout") == *'kind "ingress" where clsact is needed'* ]]
	lab tc qdisc del dev v2 ingress
	unchanged "$before"
}

@test "clsact: filters that are shared with other interfaces are 104" {
	lab tc qdisc add dev v2 ingress_block 5 clsact
	refuses 104 web "$OPEN | .attach = \"clsact\"" "shared with other interfaces: ingress_block of its clsact qdisc is 5"
	lab tc qdisc del dev v2 clsact
	lab tc qdisc add dev v2 egress_block 6 clsact
	refuses 104 web "$OPEN | .attach = \"clsact\"" "egress_block of its clsact qdisc is 6"
	succeeds DEL web
	lab tc qdisc show dev v2 | grep -q "egress_block 6"
}

@test "clsact: our priority taken by filters of another kind or protocol is 104, and names them" {
	lab tc qdisc add dev v2 clsact
	foreign_program
	for hook in ingress egress; do
		lab tc filter add dev v2 "$hook" prio 1 protocol ip u32 match u32 0 0
		refuses 104 web "$OPEN | .attach = \"clsact\"" "clsact $hook, is taken by filters of kind \"u32\" for protocol 0x0800"
		says "pref 2"
		lab tc filter del dev v2 "$hook" prio 1
		lab tc filter add dev v2 "$hook" prio 1 protocol ipv6 handle 7 bpf da object-pinned "$FOREIGN"
		refuses 104 web "$OPEN | .attach = \"clsact\"" "clsact $hook, is taken by filters of kind \"bpf\" for protocol 0x86dd"
		lab tc filter del dev v2 "$hook" prio 1
	done
	succeeds ADD web "$CLOSED | .attach = \"clsact\""
	web_is_closed
}

@test "clsact: filters of another kind at a later priority, or in another chain, are not in the way and stay" {
	lab tc qdisc add dev v2 clsact
	for hook in ingress egress; do
		lab tc filter add dev v2 "$hook" prio 2 protocol ip u32 match u32 0 0
		lab tc filter add dev v2 "$hook" chain 5 prio 1 protocol ip u32 match u32 0 0
	done
	before=$(snapshot)
	succeeds ADD web "$CLOSED | .attach = \"clsact\""
	web_is_closed
	succeeds CHECK web "$CLOSED"
	succeeds DEL web
	unchanged "$before"
}

# At our priority, and at a later one
clsact_before_another() { # VERDICT
	lab tc qdisc add dev v2 clsact
	foreign_program "$1"
	for priority in 1 50; do
		for hook in ingress egress; do
			foreign_filter "$hook" "$priority" 7
		done
		before=$(snapshot)
		succeeds ADD web "$CLOSED | .attach = \"clsact\""
		for hook in ingress:from egress:to; do
			expect "order of ${hook%:*}" "1:rf_${hook#*:}_pod $priority:foreign" "$(filter_order "${hook%:*}")"
		done
		web_is_closed
		succeeds ADD web "$OPEN | .attach = \"clsact\""
		"${@:2}"
		succeeds CHECK web "$OPEN"
		expect "made the qdisc" false "$(record_value web madeQdisc)"
		succeeds DEL web
		unchanged "$before"
		"${@:2}"
		for hook in ingress egress; do
			lab tc filter del dev v2 "$hook" prio "$priority"
		done
	done
}

@test "clsact: another's filter that lets the next one decide runs after ours, at whatever priority" {
	clsact_before_another next sees web_answers
}

@test "clsact: another's filter that ends the chain hides nothing from ours, at whatever priority" {
	clsact_before_another ok sees web_answers
}

@test "clsact: another's filter that drops still drops what ours allows, at whatever priority" {
	# Neighbours are asked for but once a second.
	clsact_before_another drop within 10 sees web_is_closed
}

@test "clsact: a filter that was put before ours since is left by CHECK, and 104 at the next ADD, until DEL and ADD" {
	for hook in ingress egress; do
		succeeds ADD web "$OPEN | .attach = \"clsact\""
		foreign_program ok
		foreign_filter "$hook" 1 7
		expect "first of $hook" 1:foreign "$(filter_order "$hook" | cut -d' ' -f1)"
		succeeds CHECK web "$OPEN"
		refuses 104 web "$CLOSED | .attach = \"clsact\"" '"foreign", the filter 0x7 at priority 1'
		says "clsact $hook, is called before ringfence"
		succeeds DEL web
		is_detached v2
		succeeds ADD web "$CLOSED | .attach = \"clsact\""
		web_is_closed
		succeeds DEL web
		expect "what stays" 1:foreign "$(filter_order "$hook")"
		lab tc qdisc del dev v2 clsact
		lab find "$(dirname "$FOREIGN")" -name 'foreign*' -delete
		unchanged "$before"
	done
}

@test "clsact: our handle taken by another's filter is 104, and neither ADD nor DEL touches it" {
	succeeds ADD web "$OPEN | .attach = \"clsact\""
	handle=0x$(record_value web owner | tail -c 9)
	foreign_program
	# It replaces ours.
	for hook in ingress egress; do
		foreign_filter "$hook" 1 "$handle" replace
	done
	fails 106 CHECK web "$OPEN"
	refuses 104 web "$OPEN | .attach = \"clsact\"" "is taken by program"
	says '"foreign"'
	succeeds DEL web
	expect "what stays" "1:foreign 1:foreign" "$(filter_order ingress) $(filter_order egress)"
	refuses 104 web "$OPEN | .attach = \"clsact\"" "is taken by program"
	succeeds DEL web
	sees web_answers
}

@test "clsact: a qdisc that was there, though empty, stays" {
	lab tc qdisc add dev v2 clsact
	before=$(snapshot)
	succeeds ADD web "$OPEN | .attach = \"clsact\""
	succeeds ADD web "$OPEN | .attach = \"clsact\""
	succeeds DEL web
	unchanged "$before"
	lab tc qdisc show dev v2 | grep -q clsact
}

@test "clsact: our own qdisc goes, after a second ADD too" {
	for _ in 1 2; do
		succeeds ADD web "$OPEN | .attach = \"clsact\""
		succeeds ADD web "$OPEN | .attach = \"clsact\""
		expect "made the qdisc" true "$(record_value web madeQdisc)"
		succeeds DEL web
		unchanged "$before"
	done
}

@test "clsact: our own qdisc stays when somebody has put a filter there since" {
	succeeds ADD web "$OPEN | .attach = \"clsact\""
	foreign_program
	foreign_filter ingress 50 7
	foreign_filter egress 50 7
	succeeds DEL web
	is_detached v2
	expect "foreign filters" "50:foreign 50:foreign" "$(filter_order ingress) $(filter_order egress)"
	sees web_answers
}

@test "clsact: a qdisc that somebody has removed or exchanged since does not stop DEL" {
	succeeds ADD web "$OPEN | .attach = \"clsact\""
	lab tc qdisc del dev v2 clsact
	fails 106 CHECK web "$OPEN"
	succeeds DEL web
	unchanged "$before"
	succeeds ADD web "$OPEN | .attach = \"clsact\""
	lab tc qdisc del dev v2 clsact
	lab tc qdisc add dev v2 ingress
	succeeds DEL web
	lab tc qdisc show dev v2 | grep -q ingress
}
