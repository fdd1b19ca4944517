#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Many calls at once: the state afterwards is one that some order could have made.

setup() {
	load helpers.bash
	start_host
}

teardown() {
	stop_host
}

closed="$(
	load helpers.bash
	policy "$(allow 1 tcp 80)"
)"

# at_once VERB POD...: each call must succeed
at_once() {
	local verb=$1 name

	shift
	for name; do
		echo one_call "$verb" "$name"
	done | together
}

# Each with files of its own.
one_call() { # VERB POD
	local BATS_TEST_TMPDIR=$BATS_TEST_TMPDIR/$2

	mkdir -p "$BATS_TEST_TMPDIR"
	succeeds "$1" "$2" "$closed | .policy.name = \"policy-$((${2#pod} % 3))\""
}

pods() { # COUNT
	local number

	names=()
	for ((number = 1; number <= $1; number++)); do
		pod "pod$number" "$number"
		names+=("pod$number")
	done
}

# all_attached POD...: each with a pod id of its own, both hooks, and a CHECK that is content
all_attached() {
	local name

	expect ids "$#" "$(for name; do record_value "$name" podId; done | sort -u | wc -l)"
	for name; do
		is_attached "$(host_interface "$name")" || fail "$name is not attached"
		succeeds CHECK "$name" "$closed"
	done
	expect "pods" "$#" "$(map_size pod_state)"
}

@test "twenty ADDs at once, of which one is the first: all are right, and twenty DELs leave nothing" {
	pods 20
	at_once ADD "${names[@]}"
	all_attached "${names[@]}"
	expect policies 3 "$(lab find "$RUN/policies" -type f | wc -l)"
	at_once DEL "${names[@]}"
	for map in pod_state pods interfaces peers services; do
		expect "$map" 0 "$(map_size "$map")"
	done
	expect records 0 "$(lab find "$RUN/attachments" -type f | wc -l)"
	within 2 nothing_pinned
}

nothing_pinned() {
	[ -z "$(lab ls "$PINS/links")" ]
}

@test "ADDs and DELs of different pods at once do not disturb each other" {

	pods 16
	at_once ADD "${names[@]:0:8}"
	for _ in 1 2 3; do
		{
			printf 'one_call DEL %s\n' "${names[@]:0:8}"
			printf 'one_call ADD %s\n' "${names[@]:8}"
		} | together
		all_attached "${names[@]:8}"
		{
			printf 'one_call ADD %s\n' "${names[@]:0:8}"
			printf 'one_call DEL %s\n' "${names[@]:8}"
		} | together
		all_attached "${names[@]:0:8}"
	done
}
