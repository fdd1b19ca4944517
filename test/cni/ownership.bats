#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Whose is it: what one attachment does never harms another one, or an earlier state of itself, and what a kill or a broken
# file has left heals. Each test has its own host.

setup() {
	load helpers.bash
	warm_host
}

teardown() {
	stop_host
}

closed="$(
	load helpers.bash
	policy ""
)"

@test "a repeated ADD that does not get the lock leaves the pod protected" {
	pod web 2
	succeeds ADD web "$closed"
	lab flock "$RUN/lock" sleep 60 3>&- 4>&- &
	within 5 lock_is_held
	fails 11 ADD web "$closed"
	says "was not free"
	is_attached "$(host_interface web)"
	expect records 1 "$(lab find "$RUN/attachments" -type f | wc -l)"
}

lock_is_held() {
	! lab flock --nonblock "$RUN/lock" true
}

@test "attachments whose names run together are two" {
	lab_pod x
	lab_pod x-y
	interface x y-z 2
	IFNAME=y-z succeeds ADD x "$closed"
	interface x-y z 3
	IFNAME=z succeeds ADD x-y "$closed"
	is_attached v2
	is_attached v3
	expect pods 2 "$(map_size pod_state)"
	IFNAME=z succeeds DEL x-y
	is_attached v2
}

@test "DEL of a pod whose record cannot be read removes all of it" {
	local mode before

	pod web 2
	before=$(snapshot)
	for mode in tcx clsact; do
		succeeds ADD web "$closed | .attach = \"$mode\""
		lab sh -c "echo broken >'$RUN/attachments/net/web:eth0.json'"
		succeeds DEL web
		within 2 is_detached "$(host_interface web)"
		# Who made the qdisc was in the record.
		lab tc qdisc del dev "$(host_interface web)" clsact 2>/dev/null || [ "$mode" = tcx ]
		unchanged "$before"
	done
}

@test "a policy file that cannot be read keeps no pod from being removed" {
	pod web 2
	pod other 3
	succeeds ADD web "$closed"
	lab sh -c "for file in '$RUN'/policies/*/*; do echo broken >\"\$file\"; done"
	succeeds ADD other "$closed | .policy.name = \"other\""
	succeeds DEL web
	succeeds DEL other
	expect pods 0 "$(map_size pods)"
}

@test "maps.pods is how many pods there can be" {
	lab rm -r "$PINS"
	pod one 1
	pod two 2
	pod three 3
	succeeds ADD one '.maps = {pods: 2}'
	succeeds ADD two '.maps = {pods: 2}'
	fails 103 ADD three '.maps = {pods: 2}'
	says "2 of 2 pods are in use"
	succeeds DEL one
	succeeds ADD three '.maps = {pods: 2}'
}

@test "a policy change that was killed before its switch heals with the next one" {
	pod web 2
	succeeds ADD web "$closed"
	# As the kill leaves it: the record names a policy that is not in force.
	lab sed -i 's/"policyId":\t[0-9]*/"policyId":\t99/' "$RUN/attachments/net/web:eth0.json"
	fails 106 CHECK web "$closed"
	echo '{"name": "open", "ingress": {"default": "allow"}}' >"$BATS_TEST_TMPDIR/open.json"
	ctl policy apply "$BATS_TEST_TMPDIR/open.json"
	call CHECK web < <(config web "$closed")
	was_success CHECK
	expect policies 1 "$(lab find "$RUN/policies" -type f | wc -l)"
}

@test "a policy that nobody uses goes with the next change" {
	pod web 2
	pod other 3
	succeeds ADD web "$closed"
	# As a kill leaves it: written, and no pod's.
	echo '{"name": "open", "ingress": {"default": "allow"}}' >"$BATS_TEST_TMPDIR/open.json"
	lab sh -c "cd '$RUN'/policies/* && cp ./*.policy '$BATS_TEST_TMPDIR' && echo rfpol >78-0123456789abcdef.policy.part.new"
	ctl policy apply "$BATS_TEST_TMPDIR/open.json"
	lab sh -c "cd '$RUN'/policies/* && for file in '$BATS_TEST_TMPDIR'/*.policy; do cp \"\$file\" \"\$(basename \"\$file\").part\"; done"
	succeeds ADD other "$closed | .policy.name = \"other\""
	succeeds DEL other
	expect policies 1 "$(lab find "$RUN/policies" -type f | wc -l)"
}
