#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# An ADD whose policy does not fit into the maps leaves nothing. What fails at a system call, and kills: faults.bats.

setup() {
	load helpers.bash
}

teardown() {
	stop_host
}

some_policy="$(
	load helpers.bash
	policy "$(allow 1 tcp 80 10.88.0.3 fd00:88::3), $(allow 2 udp 53)"
)"

too_small() { # SIZES POLICY-OF-ANOTHER TEXT...
	local before

	start_host
	pod web 2
	pod other 3
	# The first ADD loads the maps in that size, with a policy that fits.
	succeeds ADD other "$2 | $1"
	before=$(snapshot)
	refuses 103 web "$some_policy" "$3"
	says "$4"
	unchanged "$before"
	succeeds DEL web
	unchanged "$before"
}

@test "peers that can never fit are 103, with the numbers, and nothing of them stays" {
	too_small '.maps = {peers: 3}' . "the policy needs 4 entries in peers, the map holds 3" "maps.peers to at least 4"
}

@test "services that can never fit are 103, with the numbers, and nothing of them stays" {
	too_small '.maps = {services: 3}' . "entries in services, the map holds 3" maps.services
}

@test "peers that do not fit beside another policy's are 103, with the numbers, and nothing of them stays" {
	too_small '.maps = {peers: 6}' "$some_policy | .policy.name = \"other\"" \
		"map peers is too small: the policy needs 4 entries, 4 of 6 are in use" "raise maps.peers"
}

@test "services that do not fit beside another policy's are 103, with the numbers, and nothing of them stays" {
	# With other rules: what two policies have alike needs no more room.
	too_small '.maps = {services: 6}' "$some_policy | .policy.name = \"other\" | .policy.ingress.rules[].priority = 7" \
		"map services is too small: the policy needs" "raise maps.services"
}

@test "the very first ADD whose policy does not fit its own maps is 103 and leaves no pod" {
	start_host
	pod web 2
	fails 103 ADD web "$some_policy | .maps = {peers: 2}"
	says "the policy needs 4 entries in peers, the map holds 2"
	expect records 0 "$(lab find "$RUN/attachments" "$RUN/policies" -type f | wc -l)"
	for map in pods interfaces pod_state peers services; do
		expect "entries of $map" 0 "$(map_size "$map")"
	done
	is_detached v2
}
