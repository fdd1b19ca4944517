#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# What is loaded once and shared: programs and maps, policies, and sizes that are taken when the maps are made.

setup() {
	load helpers.bash
	start_host
}

teardown() {
	stop_host
}

policy_files() {
	lab find "$RUN/policies" -type f | wc -l
}

@test "the first ADD loads; a warm one loads no program and makes no map" {
	pod first 2
	pod second 3
	log=$LAB_DIRECTORY/calls
	succeeds ADD first . "${STRACE[@]}" -o "$log" -e trace=bpf
	[ "$(grep -c BPF_PROG_LOAD "$log")" -ge 2 ]
	for mode in $(modes); do
		succeeds ADD second "$(policy "$(allow 1 tcp 80)") | .attach = \"$mode\"" "${STRACE[@]}" -o "$log" -e trace=bpf
		[ "$(grep -c 'BPF_OBJ_GET,' "$log")" -ge 10 ]
		expect "$mode: loading calls" "" "$(grep -E 'BPF_(PROG_LOAD|MAP_CREATE|BTF_LOAD|MAP_FREEZE)' "$log" || true)"
	done
	succeeds CHECK second "$(policy "$(allow 1 tcp 80)")" "${STRACE[@]}" -o "$log" -e trace=bpf
	run ! grep -E 'BPF_(PROG_LOAD|MAP_CREATE|BTF_LOAD)' "$log"
}

@test "pods with equal policies share one; it goes with the last of them" {
	local shared="" other=""

	for number in 1 2 3; do
		pod "pod$number" "$((number + 1))"
	done
	shared="$(policy "$(allow 1 tcp 80 10.88.0.9), $(allow 2 udp 53)")"
	# The same in another order of keys and rules
	other='.policy = {egress: null, ingress: {rules: [
		{protocol: "udp", ports: ["53"], action: "allow", id: 2}, {ports: ["80"], peers: ["10.88.0.9"], protocol: "tcp", id: 1, action: "allow"}
	], default: "deny"}} | del(.policy.egress)'
	succeeds ADD pod1 "$shared"
	entries="$(map_size peers) $(map_size services)"
	succeeds ADD pod2 "$other"
	expect "policy of both" "$(record_value pod1 policyId)" "$(record_value pod2 policyId)"
	expect "files" 1 "$(policy_files)"
	expect "entries" "$entries" "$(map_size peers) $(map_size services)"
	succeeds ADD pod3 "$(policy "$(allow 1 tcp 81)")"
	expect "files" 2 "$(policy_files)"
	succeeds DEL pod3
	succeeds DEL pod1
	expect "files" 1 "$(policy_files)"
	expect "entries" "$entries" "$(map_size peers) $(map_size services)"
	succeeds CHECK pod2 "$shared"
	succeeds DEL pod2
	expect "files" 0 "$(policy_files)"
	expect "entries" "0 0" "$(map_size peers) $(map_size services)"
}

map_entries() { # MAP
	lab bpftool -j map show pinned "$PINS/maps/$1" | jq .max_entries
}

@test "maps are made in the sizes of the first ADD; others later are reported on stderr, and ADD succeeds" {
	pod first 2
	pod second 3
	succeeds ADD first '.maps = {sessions: 5000, halfOpen: 300, pods: 20, pinholes: 10, peers: 500, services: 600, denies: 8192}'
	[ ! -s "$ERR" ]
	expect sizes "5000 300 10 500 600 8192" \
		"$(for map in sessions half_open pinholes peers services denies; do map_entries "$map"; done | xargs)"
	[ "$(map_entries pods)" -ge 40 ]
	succeeds ADD second '.maps = {sessions: 6000, peers: 500}'
	grep -q 'maps.sessions is 5000 since the maps were loaded, not 6000' "$ERR"
	expect "lines on stderr" 1 "$(wc -l <"$ERR")"
	expect sessions 5000 "$(map_entries sessions)"
	succeeds ADD second
	[ ! -s "$ERR" ]
}

@test "a policy with 10,000 rules is added, decides, and is removed" {
	pod web 2
	pod friend 3
	pod stranger 4
	serve web tcp 80
	succeeds ADD web
	succeeds DEL web
	before=$(snapshot)
	rules='.policy = {ingress: {rules: ([range(9999) | {id: (. + 2), action: "allow", protocol: "tcp", ports: ["\(1000 + .)"],
		peers: ["172.16.\(. / 256 | floor).\(. % 256)", "fd01::\(. % 10)/128"]}] +
		[{id: 1, action: "allow", protocol: "tcp", ports: ["80"], peers: ["10.88.0.3", "fd00:88::3"]}])}}'
	succeeds ADD web "$rules"
	[ "$(map_size peers)" -gt 10000 ]
	for address in $(addresses web); do
		echo reaches friend tcp "$address" 80
		echo reaches_not stranger tcp "$address" 80
	done >"$BATS_TEST_TMPDIR/attempts"
	together <"$BATS_TEST_TMPDIR/attempts"
	succeeds CHECK web "$rules"
	succeeds DEL web
	unchanged "$before"
}

has_half_open() { # COUNT
	[ "$(map_size half_open)" -ge "$1" ]
}

@test "a session map of a million entries" {
	pod web 2
	pod friend 3
	serve web tcp 80
	succeeds ADD web "$(policy "$(allow 1 tcp 80)") | .maps = {sessions: 1000000}"
	expect "sessions" 1000000 "$(map_entries sessions)"
	for address in $(addresses web); do
		reaches friend tcp "$address" 80
	done
	# They have ended, and are followed for a while.
	within 5 has_half_open 2
	succeeds DEL web
	expect "sessions" 0 "$(map_size sessions)"
	expect "sessions that have ended" 0 "$(map_size half_open)"
}
