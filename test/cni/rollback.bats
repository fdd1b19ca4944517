#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2030,SC2031 # each test has its own `before`
#
# An ADD that fails or is killed in the middle: by strace, which makes system calls fail or kills the plugin at them. A failed ADD
# is a CNI error and has left nothing; after a killed one, a single DEL leaves nothing. Samples; `make test-faults` will go through all.

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

# The system calls of that name in an ADD (which is undone)
count_calls() { # NAME POD FILTER
	local log=$LAB_DIRECTORY/calls

	succeeds ADD "$2" "$3" "${STRACE[@]}" -o "$log" -e trace="$1"
	succeeds DEL "$2"
	grep -c "$1(" "$log"
}

# faulty NUMBER FAULT VERB POD FILTER: the call in which system call NAME goes wrong for the NUMBERth time
faulty() { # NAME NUMBER FAULT VERB POD FILTER
	call "$4" "$5" "${STRACE[@]}" -o /dev/null -e trace="$1" -e inject="$1:$3:when=$2" < <(config "$5" "$6")
}

# each_fault NAME FAULT POD FILTER NUMBER...: ADD with each fault; sets `failures`
each_fault() {
	local name=$1 fault=$2 pod=$3 filter=$4 number before

	before=$(snapshot)
	failures=0
	for number in "${@:5}"; do
		echo "$name $number: $fault"
		faulty "$name" "$number" "$fault" ADD "$pod" "$filter"
		case $status in
		0) succeeds CHECK "$pod" "$filter" && succeeds DEL "$pod" ;; # it had another way
		1) failures=$((failures + 1)) && was_failure "$(jq .code "$OUT")" ;;
		137) failures=$((failures + 1)) && killed_in_order "$pod" && succeeds DEL "$pod" ;;
		*) fail "exit status $status" "$(<"$OUT")" "$(<"$ERR")" ;;
		esac
		unchanged "$before"
	done
}

# At no moment a pod is attached without its policy.
killed_in_order() { # POD
	local pod_id

	[ -n "$(attached "$(host_interface "$1")")" ] || return 0
	pod_id=$(record_value "$1" podId)
	expect "addresses" 2 "$(map_size pods)"
	expect "interfaces" 1 "$(map_size interfaces)"
	expect "policy in force" "$(record_value "$1" policyId)" "$(policy_in_force "$pod_id")"
	[ "$(map_size peers)" -ge 2 ]
}

policy_in_force() { # POD-ID: the high half of the policy word
	lab bpftool -j map lookup pinned "$PINS/maps/pod_state" key "$1" 0 0 0 |
		jq -r '[.value[4:8][] | ltrimstr("0x")] | reverse | join("")' | { read -r word && echo $((16#$word)); }
}

# sample COUNT FROM: numbers of bpf() calls of a warm ADD. The opening of pins is of a kind: from it a few, then every other one.
sample() {
	local opening=30

	echo 1 $((15 + $2)) "$((opening - 2))"
	seq "$((opening + $2))" 2 "$1"
}

warm_fault() { # FAULT ATTACH FROM
	local count filter="$some_policy | .attach = \"$2\""

	warm_host
	pod web 2
	count=$(count_calls bpf web "$filter")
	# shellcheck disable=SC2046 # numbers
	each_fault bpf "$1" web "$filter" $(sample "$count" "$3")
	[ "$failures" -ge 5 ]
	succeeds ADD web "$filter"
	succeeds CHECK web "$filter"
}

@test "tcx: a bpf() that is refused in a warm ADD leaves nothing" {
	start_host
	needs_tcx
	stop_host
	warm_fault error=EPERM tcx 0
}

@test "clsact: a bpf() that is refused in a warm ADD leaves nothing" {
	warm_fault error=ENOMEM clsact 1
}

@test "tcx: killed at a bpf() of a warm ADD, one DEL leaves nothing" {
	start_host
	needs_tcx
	stop_host
	warm_fault signal=SIGKILL tcx 1
}

@test "clsact: killed at a bpf() of a warm ADD, one DEL leaves nothing" {
	warm_fault signal=SIGKILL clsact 0
}

netlink_fault() { # FAULT
	warm_host
	pod web 2
	each_fault sendmsg "$1" web '.attach = "clsact"' 1 2 3 4
	[ "$failures" = 4 ]
	each_fault sendto "$1" web '.attach = "clsact"' 1 2 3
	[ "$failures" = 3 ]
}

@test "a question or order to the kernel over netlink that fails leaves nothing" {
	netlink_fault error=ENOBUFS
}

@test "killed at netlink, one DEL leaves nothing" {
	netlink_fault signal=SIGKILL
}

@test "a file that cannot be written leaves nothing" {
	warm_host
	pod web 2
	each_fault rename error=EIO web "$some_policy" 1 2 3
	[ "$failures" = 3 ]
	each_fault rename signal=SIGKILL web "$some_policy" 1 2 3
	[ "$failures" = 3 ]
	each_fault flock error=EBADF web "$some_policy" 1
	[ "$failures" = 1 ]
	each_fault setns error=EPERM web "$some_policy" 1
	[ "$failures" = 1 ]
}

@test "a second ADD that fails leaves the first one's attachment in force" {
	local count number

	warm_host
	pod web 2
	count=$(count_calls bpf web "$some_policy")
	succeeds ADD web "$some_policy"
	for number in $(sample "$count" 0); do
		faulty bpf "$number" error=EPERM ADD web "$some_policy"
		[ "$status" = 0 ] || was_failure "$(jq .code "$OUT")"
		within 2 is_attached v2
		succeeds CHECK web "$some_policy"
	done
	for number in 1 2 3; do
		faulty rename "$number" error=EIO ADD web "$some_policy | .policy.name = \"other\""
		[ "$status" = 0 ] || was_failure "$(jq .code "$OUT")"
		within 2 is_attached v2
		within 2 in_force
	done
	succeeds DEL web
}

in_force() {
	call CHECK web < <(config web "$some_policy")
	[ "$status" = 0 ]
}

loading_fault() { # FAULT
	local count step number before

	start_host
	pod web 2
	succeeds ADD web "$some_policy" "${STRACE[@]}" -o "$LAB_DIRECTORY/calls" -e trace=bpf
	count=$(grep -c 'bpf(' "$LAB_DIRECTORY/calls")
	stop_host
	start_host
	pod web 2
	step=$((count / 8))
	failures=0
	for ((number = 1; number < count; number += step)); do
		echo "bpf $number of $count: $1"
		faulty bpf "$number" "$1" ADD web "$some_policy"
		case $status in
		0) ;; # a feature that was asked for
		1) failures=$((failures + 1)) && was_failure "$(jq .code "$OUT")" ;;
		137) failures=$((failures + 1)) ;;
		*) fail "exit status $status" "$(<"$OUT")" "$(<"$ERR")" ;;
		esac
		# All of it is loaded, or nothing.
		! lab test -e "$PINS" || expect "pins of maps" 12 "$(lab ls "$PINS/maps" | wc -l)"
		succeeds DEL web
		within 2 is_detached v2
		expect records 0 "$(lab find "$RUN" -name '*.json' | wc -l)"
		lab rm -rf "$PINS"
	done
	[ "$failures" -ge 4 ]
	succeeds ADD web "$some_policy"
	succeeds CHECK web "$some_policy"
	lab test ! -e /sys/fs/bpf/ringfence/loading
}

@test "a bpf() that is refused while programs and maps are loaded leaves none of them" {
	loading_fault error=EPERM
}

@test "killed while programs and maps are loaded: never half of them, and the next ADD loads anew" {
	loading_fault signal=SIGKILL
}

# Maps that are too small

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
	too_small '.maps = {services: 6}' "$some_policy | .policy.name = \"other\"" \
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
