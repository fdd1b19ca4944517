#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# What kubelet and containerd really call, in orders that surprise; the recorder in front of the plugin notes it.

load helpers.bash

setup_file() {
	prepare_node
	start_node
	start_pods client
}

teardown_file() {
	stop_node
}

teardown() {
	rm -f "$DIR/hold"
	if [ -z "${BATS_TEST_COMPLETED:-}" ]; then
		node_complaints >&2
	fi
}

# verbs POD: the calls for it in their order, as VERB:STATUS, with "!" for one without a network namespace
verbs() {
	calls "\$1 != \"begin\" && \$6 == \"default/$1\" { printf \"%s:%s%s \", \$2, \$1, \$5 == \"-\" ? \"!\" : \"\" }"
}

has_verbs() { # POD PATTERN
	[[ $(verbs "$1") =~ $2 ]]
}

is_gone() { # POD
	! kube get pod "$1" >/dev/null 2>&1
}

@test "DEL before any ADD: the plugin before ours has failed" {
	NETWORK=full start_pods first
	NETWORK=full run_pods second
	within "$PATIENCE" has_verbs second '^DEL:0' || fail "calls for second: $(verbs second)"
	[[ $(verbs second) != *ADD* ]] || fail "it was added: $(verbs second)"
	is_protected client first

	delete_pods first
	ready second
	is_protected client second
	delete_pods second
}

@test "DEL after an ADD that failed" {
	local before

	before=$(veths)
	NETWORK=refused run_pods refused
	within "$PATIENCE" has_verbs refused '^ADD:1 DEL:0' || fail "calls for refused: $(verbs refused)"
	within "$PATIENCE" has_event refused 'policy.ingress.rules[0].peers[0]' || fail "$(kube describe pod refused)"
	delete_pods refused
	expect "records" default/client "$(pods_with_record)"
	expect "interfaces" "$before" "$(veths)"
}

@test "DEL twice, the second time without a network namespace" {
	start_pods twice
	delete_pods twice
	# kubelet collects dead sandboxes once a minute.
	within "$((PATIENCE * 2))" has_verbs twice '^ADD:0 DEL:0 (DEL:0!? )*DEL:0!' || fail "calls for twice: $(verbs twice)"
}

@test "DEL of a pod whose network namespace has been removed" {
	local netns

	start_pods homeless
	netns=$(netns homeless)
	on_host umount "$netns"
	on_host rm "$netns"
	delete_pods homeless
	within "$PATIENCE" has_verbs homeless 'DEL:0' || fail "calls for homeless: $(verbs homeless)"
	expect "records" default/client "$(pods_with_record)"
}

@test "ADD of a pod before DEL of the pod that had its name" {
	start_pods namesake
	echo DEL >"$DIR/hold"
	kube delete pod namesake --force --grace-period=0
	within "$PATIENCE" has_begun namesake DEL || fail "calls for namesake: $(verbs namesake)"
	start_pods namesake
	is_protected client namesake
	expect "calls while DEL waits" "ADD:0 ADD:0 " "$(verbs namesake)"
	rm "$DIR/hold"
	within "$PATIENCE" has_verbs namesake '^ADD:0 ADD:0 DEL:0' || fail "calls for namesake: $(verbs namesake)"
	is_protected client namesake
	is_only_record namesake || fail "$(pods_with_record)"
	delete_pods namesake
}

is_only_record() {
	[ "$(pods_with_record | grep -cx "default/$1")" = 1 ]
}

@test "a new sandbox of a pod whose sandbox has died" {
	local old

	start_pods reborn
	old=$(netns reborn)
	kill_sandbox reborn
	within "$PATIENCE" has_new_netns reborn "$old" || fail "calls for reborn: $(verbs reborn)"
	# Until kubelet looks again, the pod's status is that of the dead sandbox.
	within "$PATIENCE" knows_its_address reborn || fail "address of reborn: $(address reborn)"
	ready reborn
	is_protected client reborn
	within "$PATIENCE" is_only_record reborn || fail "$(pods_with_record)"
	delete_pods reborn
}

# The first process of the sandbox
kill_sandbox() {
	local sandbox pid

	sandbox=$(calls "\$2 == \"ADD\" && \$6 == \"default/$1\" { print \$3 }" | tail -n 1)
	pid=$(on_host ctr --address "$SOCKET" --namespace k8s.io task list | awk -v id="$sandbox" '$1 == id { print $2 }')
	on_host kill -KILL "$pid"
}

knows_its_address() {
	on_host nsenter --net="$(netns "$1")" ip -o address | grep -qF " $(address "$1")/"
}

has_new_netns() {
	[ "$(netns "$1")" != "$2" ]
}

@test "an ADD that goes on although containerd was killed meanwhile" {
	echo ADD >"$DIR/hold"
	run_pods held
	within "$PATIENCE" has_begun held ADD || fail "no ADD for held"
	kill_program containerd
	rm "$DIR/hold"
	within "$PATIENCE" has_verbs held '^ADD' || fail "the ADD does not end"
	start_program containerd
	ready held
	is_protected client held
}

has_begun() { # POD VERB
	[ -n "$(calls "\$1 == \"begin\" && \$2 == \"$2\" && \$6 == \"default/$1\"")" ]
}

@test "nothing is left of pods that are gone" {
	delete_pods --all
	nothing_is_left_of_pods
}
