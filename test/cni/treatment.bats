#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# mode, limits and bandwidth: what is configured is in the maps and in the record, at the first ADD, at the next, and until DEL.

setup() {
	load helpers.bash
	load web.bash
	warm_host
	pod web 2
	LIMITED=$WEB_POLICY' | .mode = "audit" | .limits = {newFlowsPerSecond: 16, sessions: 32}
		| .runtimeConfig = {bandwidth: {ingressRate: 8000000, ingressBurst: 4000000, egressRate: 0, egressBurst: 0}}'
}

teardown() {
	stop_host
}

# words MAP OFFSET COUNT: that many 32-bit words of the pod's element
words() {
	lab bpftool -j map lookup pinned "$PINS/maps/$1" key hex 01 00 00 00 | jq -r --argjson from "$2" --argjson count "$3" '
		[.value[$from:$from + 4 * $count] | _nwise(4) | reverse | map(ltrimstr("0x")) | add] | join(" ")'
}

# bpf/abi.h: flags behind policy, ifindex, incarnation and owner; antiSpoof is 1, audit 4, sessions 8, new flows 16, ingress 32
flags() {
	words pod_state 24 1
}

# The rate to the pod (64 bits), and new flows, their burst and sessions
limits() {
	echo "$(words pod_limits 0 2) $(words pod_limits 32 3)"
}

@test "what is configured is in maps and record, CHECK agrees, and DEL leaves nothing" {
	local before

	before=$(snapshot)
	succeeds ADD web "$LIMITED"
	expect flags 0000003d "$(flags)"
	expect limits "000f4240 00000000 00000010 00000010 00000020" "$(limits)"
	expect record '["audit",{"newFlowsPerSecond":16,"newFlowsBurst":16,"sessions":32},{"ingressRate":8000000,"ingressBurst":4000000,"egressRate":0,"egressBurst":0}]' \
		"$(record web | jq -c '[.mode, .limits, .bandwidth]')"
	succeeds CHECK web "$LIMITED"
	succeeds DEL web
	unchanged "$before"
}

@test "ADD again with another treatment takes effect under an epoch of its own, though the policy is the same" {
	local word

	succeeds ADD web "$LIMITED"
	word=$(words pod_state 0 2)
	succeeds ADD web "$WEB_POLICY"' | .limits = {sessions: 33}'
	expect flags 00000009 "$(flags)"
	expect limits "00000000 00000000 00000000 00000000 00000021" "$(limits)"
	expect policy "${word#* }" "$(words pod_state 4 1)"
	[ "${word% *}" != "$(words pod_state 0 1)" ]
	expect mode enforce "$(record_value web mode)"
	succeeds CHECK web "$WEB_POLICY"
	succeeds ADD web "$LIMITED"
	expect flags 0000003d "$(flags)"
	succeeds CHECK web "$LIMITED"
}

@test "an ADD that fails leaves the former treatment" {
	local before

	stop_host
	warm_host '.maps = {pods: 1}'
	pod web 2
	succeeds ADD web "$LIMITED"
	before=$(snapshot)
	fails 103 ADD web "$WEB_POLICY"' | .prevResult.ips += [range(20; 24) | {interface: 2, address: "10.88.0.\(.)/24"}]'
	says "map pods is too small"
	unchanged "$before"
	succeeds CHECK web "$LIMITED"
}

@test "policy apply leaves the treatment as it is" {
	succeeds ADD web "$LIMITED"
	echo '{"ingress": {"default": "allow"}}' >"$BATS_TEST_TMPDIR/open.json"
	ctl policy apply "$BATS_TEST_TMPDIR/open.json"
	expect flags 0000003d "$(flags)"
	expect mode audit "$(record_value web mode)"
	succeeds CHECK web "$LIMITED"
}

@test "a limit of more sessions than the maps have room for is taken, and reported" {
	local warning="limits.sessions is 327681, and the maps have room for 327680 sessions"

	succeeds ADD web '.limits = {sessions: 327681}'
	grep -qF "$warning" "$ERR"
	succeeds ADD web '.limits = {sessions: 327680}'
	[ ! -s "$ERR" ]
}

# with_byte MAP OFFSET BYTE: as if somebody had changed the pod's element
with_byte() {
	local -a bytes

	mapfile -t bytes < <(lab bpftool -j map lookup pinned "$PINS/maps/$1" key hex 01 00 00 00 | jq -r '.value[] | ltrimstr("0x")')
	bytes[$2]=$3
	lab bpftool map update pinned "$PINS/maps/$1" key hex 01 00 00 00 value hex "${bytes[@]}"
}

@test "CHECK finds another mode and other limits than those of ADD, and ADD mends them" {
	succeeds ADD web "$LIMITED"
	with_byte pod_state 24 39
	fails 106 CHECK web "$LIMITED"
	says "is in mode enforce, not audit"
	succeeds ADD web "$LIMITED"
	succeeds CHECK web "$LIMITED"
	with_byte pod_state 24 35
	fails 106 CHECK web "$LIMITED"
	says "has other limits than its record"
	succeeds ADD web "$LIMITED"
	with_byte pod_limits 40 21
	fails 106 CHECK web "$LIMITED"
	says "has other limits than its record"
	succeeds ADD web "$LIMITED"
	succeeds CHECK web "$LIMITED"
}

@test "CHECK does not mind a burst of bandwidth that another version has taken for sane" {
	succeeds ADD web "$LIMITED"
	with_byte pod_limits 16 1
	succeeds CHECK web "$LIMITED"
}

@test "through libcni: the bandwidth that a runtime asks for is given to ringfence, if it has the capability" {
	command -v cnitool >/dev/null || skip "no cnitool: scripts/setup.sh test"
	lab mkdir -p /etc/cni/net.d
	for capable in true false; do
		jq -n "$(bridge_list $capable)" | lab tee /etc/cni/net.d/10-web.conflist >/dev/null
		lab_pod "pod$capable"
		lab env CNI_PATH="$CNI_PLUGINS:$RINGFENCE_DIRECTORY" CAP_ARGS='{"bandwidth": {"egressRate": 16000, "egressBurst": 8000}}' \
			cnitool add web "/run/netns/pod$capable" >/dev/null
	done
	expect rates "16000" "$(ctl pod list --json | jq -r '.[].bandwidth | select(. != {}) | "\(.egressRate)\(.ingressRate // "")"')"
}

bridge_list() { # CAPABLE
	echo '{cniVersion: "1.0.0", name: "web", plugins: [
		{type: "bridge", bridge: "rf1", ipam: {type: "host-local", ranges: [[{subnet: "10.88.1.0/24"}]]}},
		{type: "ringfence", capabilities: {bandwidth: '"$1"'}}]}'
}
