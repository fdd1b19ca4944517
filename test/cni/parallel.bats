#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Many calls at once, the very first load among them: what comes out is what some order one after the other would have made.

PODS=20

setup() {
	load helpers.bash
	start_host
	for ((number = 1; number <= PODS; number++)); do
		pod "pod$number" "$((number + 1))"
	done
}

teardown() {
	stop_host
}

# Pods of a number that divides by 4 have one policy, others another.
policy_of() { # NUMBER
	policy "$(allow 1 tcp "$((80 + $1 % 4))")"
}

# start VERB NUMBER: in the background; the outcome is in a directory of its own.
start() {
	local directory=$BATS_TEST_TMPDIR/$1-$2

	mkdir -p "$directory"
	config "pod$2" "$(policy_of "$2")" >"$directory/config"
	{
		result=0
		ringfence "$1" "pod$2" <"$directory/config" >"$directory/stdout" 2>"$directory/stderr" || result=$?
		echo "$result" >"$directory/status"
	} 3>&- 4>&- &
	started+=($!)
}

# Those of start() have an exit status of their own; of others one that fails is a failure.
all_have_ended() {
	local process

	for process in "${started[@]}"; do
		wait "$process" || fail "process $process: exit status $?"
	done
	started=()
}

# succeeded VERB NUMBER
succeeded() {
	local directory=$BATS_TEST_TMPDIR/$1-$2

	expect "$1 of pod$2: $(cat "$directory"/std*)" 0 "$(<"$directory/status")"
	[ "$1" != ADD ] || expect "result of pod$2" "$(jq -c . "$LAB_DIRECTORY/pod$2-eth0.result")" "$(<"$directory/stdout")"
}

is_protected() { # NUMBER
	call CHECK "pod$1" <"$BATS_TEST_TMPDIR/ADD-$1/config"
	was_success CHECK
	is_attached "v$(($1 + 1))" || fail "pod$1: $(attached "v$(($1 + 1))")"
}

ids() {
	lab sh -c "cat $RUN/attachments/net/*" | jq .podId | sort -n
}

nothing_is_left() {
	for map in pods interfaces pod_state peers services; do
		expect "entries of $map" 0 "$(map_size "$map")"
	done
	expect "files" 0 "$(lab find "$RUN" "$PINS/links" -type f ! -name lock | wc -l)"
	for ((number = 1; number <= PODS; number++)); do
		within 2 is_detached "v$((number + 1))"
	done
}

@test "20 ADDs at once, the very first load among them, then 20 DELs at once" {
	for ((number = 1; number <= PODS; number++)); do
		start ADD "$number"
	done
	all_have_ended
	for ((number = 1; number <= PODS; number++)); do
		succeeded ADD "$number"
		is_protected "$number"
	done
	expect "pod ids" "$(seq "$PODS")" "$(ids)"
	expect "policies" 4 "$(lab find "$RUN/policies" -type f | wc -l)"
	expect "addresses" "$((2 * PODS))" "$(map_size pods)"
	for ((number = 1; number <= PODS; number++)); do
		start DEL "$number"
	done
	all_have_ended
	for ((number = 1; number <= PODS; number++)); do
		succeeded DEL "$number"
	done
	nothing_is_left
}

@test "ADDs of some pods while others are removed" {
	for ((number = 1; number <= PODS / 2; number++)); do
		start ADD "$number"
	done
	all_have_ended
	for ((number = 1; number <= PODS / 2; number++)); do
		start DEL "$number"
		start ADD "$((number + PODS / 2))"
	done
	all_have_ended
	for ((number = 1; number <= PODS / 2; number++)); do
		succeeded DEL "$number"
		succeeded ADD "$((number + PODS / 2))"
		is_protected "$((number + PODS / 2))"
		within 2 is_detached "v$((number + 1))"
	done
	expect "how many ids" "$((PODS / 2))" "$(ids | sort -u | wc -l)"
	expect "addresses" "$PODS" "$(map_size pods)"
	for ((number = PODS / 2 + 1; number <= PODS; number++)); do
		start DEL "$number"
	done
	all_have_ended
	nothing_is_left
}

@test "ADD and DEL of the same pod at once: it is there whole or not at all, and the last DEL leaves nothing" {
	succeeds ADD pod20
	succeeds DEL pod20
	for ((round = 1; round <= 3; round++)); do
		for number in 1 2 3; do
			start ADD "$number"
			start DEL "$number"
		done
		all_have_ended
		for number in 1 2 3; do
			expect "DEL of pod$number: $(<"$BATS_TEST_TMPDIR/DEL-$number/stderr")" 0 "$(<"$BATS_TEST_TMPDIR/DEL-$number/status")"
			succeeds DEL "pod$number"
		done
		nothing_is_left
	done
}

@test "the same pod added many times at once is there once" {
	for ((number = 0; number < 8; number++)); do
		{ config pod1 | ringfence ADD pod1; } >/dev/null 2>&1 3>&- 4>&- &
		started+=($!)
	done
	all_have_ended
	within 2 is_attached v2
	expect "records" 1 "$(lab find "$RUN/attachments" -type f | wc -l)"
	expect "pods" 1 "$(map_size pod_state)"
	succeeds CHECK pod1
	succeeds DEL pod1
	nothing_is_left
}
