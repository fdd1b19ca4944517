#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2030,SC2031 # each test has its own `before`
#
# An attachment that is replaced, by an ADD that is repeated, finds programs of an earlier load, or changes the mode: at no moment the
# pod is without a program. While it happens both sides send what is denied, and none of it may arrive. Each test has its own host.

setup() {
	load helpers.bash
	load others.bash
	load flood.bash
	load builds.bash
	web_and_friend
	before=$(snapshot)
	flood
}

teardown() {
	calm
	stop_host
}

# closed ATTACH: everything is denied from now on
closed() {
	arrives web
	arrives friend
	succeeds ADD web "$CLOSED | .attach = \"$1\""
	sleep 0.1 # what is under way
}

opened() {
	succeeds DEL web
	arrives web
	arrives friend
	calm
	unchanged "$before"
}

add_in_turn() { # ATTACH...
	local attach

	for attach; do
		succeeds ADD web "$CLOSED | .attach = \"$attach\""
		expect attach "$attach" "$(record_value web attach)"
		within 2 is_attached v2
	done
}

@test "tcx: ADD again leaves no moment without a program" {
	needs_tcx
	closed tcx
	none_arrives add_in_turn tcx tcx tcx tcx tcx
	opened
}

@test "clsact: ADD again leaves no moment without a program" {
	closed clsact
	none_arrives add_in_turn clsact clsact clsact clsact clsact
	opened
}

@test "ADD in the other mode leaves no moment without a program" {
	needs_tcx
	closed tcx
	none_arrives add_in_turn clsact tcx clsact tcx clsact tcx
	opened
}

upgraded() { # BUILD...
	local build

	for build; do
		as "$build" succeeds ADD friend . # what is its own is not restricted
		is_of "$build" web friend
	done
}

upgrade_of() { # ATTACH
	succeeds ADD friend ".attach = \"$1\""
	succeeds ADD web "$CLOSED | .attach = \"$1\""
	sleep 0.1
	none_arrives upgraded other-build this other-build this
	succeeds DEL friend
	opened
}

@test "tcx: programs that another build exchanges, there and back, leave no moment without one" {
	needs_tcx
	upgrade_of tcx
}

@test "clsact: programs that another build exchanges, there and back, leave no moment without one" {
	upgrade_of clsact
}

# Instead of our links, those of another program that is called like ours and drops all
earlier_load() {
	local direction hook pin

	for direction in to from; do
		hook=$([ $direction = to ] && echo egress || echo ingress)
		pin=$PINS/links/$(record_value web owner)_${direction}_pod
		foreign_program drop rf_${direction}_pod "/sys/fs/bpf/earlier_$direction"
		lab "$TOOLS/kernel" attach "/sys/fs/bpf/earlier_$direction" v2 "$hook"
		lab rm "$pin"
		lab "$TOOLS/kernel" move "/sys/fs/bpf/earlier_${direction}_v2_$hook" "$pin"
		within 2 are_in_order "$hook" rf_${direction}_pod
	done
}

link_ids() {
	for direction in to from; do
		lab bpftool -j link show pinned "$PINS/links/$(record_value web owner)_${direction}_pod" | jq .id
	done
}

@test "tcx: programs of an earlier load are exchanged in their links, with no moment without one" {
	needs_tcx
	closed tcx
	earlier_load
	fails 106 CHECK web "$CLOSED"
	ids=$(link_ids)
	none_arrives succeeds ADD web "$CLOSED | .attach = \"tcx\""
	expect "links" "$ids" "$(link_ids)"
	succeeds CHECK web "$CLOSED"
	lab find /sys/fs/bpf -maxdepth 1 -name 'earlier*' -delete
	opened
}

@test "tcx: programs of an earlier load behind another's get a new link before that, with no moment without one" {
	needs_tcx
	closed tcx
	earlier_load
	foreign_program
	foreign_tcx egress first
	foreign_tcx ingress first
	none_arrives succeeds ADD web "$CLOSED | .attach = \"tcx\""
	within 2 are_in_order egress "rf_to_pod foreign"
	within 2 are_in_order ingress "rf_from_pod foreign"
	succeeds CHECK web "$CLOSED"
	lab find /sys/fs/bpf -maxdepth 1 \( -name 'earlier*' -o -name 'foreign*' \) -delete
	opened
}

@test "tcx: the pin that a killed ADD has left does not stop the next one, and DEL removes it" {
	needs_tcx
	closed tcx
	foreign_program drop rf_to_pod /sys/fs/bpf/earlier
	lab "$TOOLS/kernel" attach /sys/fs/bpf/earlier v2 egress
	lab "$TOOLS/kernel" move /sys/fs/bpf/earlier_v2_egress "$PINS/links/$(record_value web owner)_to_pod_new"
	none_arrives succeeds ADD web "$CLOSED | .attach = \"tcx\""
	within 2 are_in_order egress rf_to_pod
	succeeds CHECK web "$CLOSED"
	lab find /sys/fs/bpf -maxdepth 1 -name 'earlier*' -delete
	opened
}
