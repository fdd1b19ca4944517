#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# A kubelet and a containerd that are killed and come back: pods stay protected meanwhile, what was deleted meanwhile
# is removed afterwards, and pods that are started then are protected as well.

load helpers.bash

setup_file() {
	prepare_node
	start_node
	start_pods client server
}

teardown_file() {
	stop_node
}

teardown() {
	if [ -z "${BATS_TEST_COMPLETED:-}" ]; then
		node_complaints >&2
	fi
}

# The containers of the pods that are told: they are the same ones before and after.
containers() {
	local name

	for name in "$@"; do
		pod_value "$name" '{.status.containerStatuses[0].containerID}{"\n"}'
	done
}

node_is_ready() {
	[ "$(kube get node node -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}' 2>/dev/null)" = True ]
}

is_gone() { # POD
	! kube get pod "$1" >/dev/null 2>&1
}

has_record() { # POD
	pods_with_record | grep -qx "default/$1"
}

has_no_record() {
	! has_record "$1"
}

@test "pods stay protected while kubelet is gone, and after it is back" {
	local before

	before=$(containers client server)
	kill_program kubelet
	is_protected client server
	start_program kubelet
	within "$PATIENCE" node_is_ready
	start_pods after-kubelet
	expect "containers" "$before" "$(containers client server)"
	is_protected client server
	is_protected client after-kubelet
}

@test "pods that are deleted while kubelet is gone are removed when it is back" {
	start_pods deleted forced
	kill_program kubelet
	kube delete pod deleted --wait=false
	kube delete pod forced --force --grace-period=0
	has_record deleted
	has_record forced
	is_protected client server
	start_program kubelet
	within "$PATIENCE" has_no_record deleted || fail "the record of deleted is left"
	within "$PATIENCE" has_no_record forced || fail "the record of forced is left"
	within "$PATIENCE" is_gone deleted || fail "the pod object is left"
}

@test "pods that kubelet was just starting when it was killed are protected when it is back" {
	local name names=(started-1 started-2 started-3 started-4)

	run_pods "${names[@]}"
	within "$PATIENCE" has_record started-1
	kill_program kubelet
	start_program kubelet
	ready "${names[@]}"
	for name in "${names[@]}"; do
		is_protected client "$name"
		expect "records of $name" 1 "$(pods_with_record | grep -cx "default/$name")"
	done
	delete_pods "${names[@]}"
}

@test "pods stay protected while containerd is gone, and after it is back" {
	local before

	before=$(containers client server)
	kill_program containerd
	is_protected client server
	start_program containerd
	start_pods after-containerd
	expect "containers" "$before" "$(containers client server)"
	is_protected client server
	is_protected client after-containerd
}

@test "pods that are deleted while containerd is gone are removed when it is back" {
	start_pods deleted forced
	kill_program containerd
	kube delete pod deleted --wait=false
	kube delete pod forced --force --grace-period=0
	has_record deleted
	has_record forced
	start_program containerd
	within "$PATIENCE" has_no_record deleted || fail "the record of deleted is left"
	within "$PATIENCE" has_no_record forced || fail "the record of forced is left"
	within "$PATIENCE" is_gone deleted || fail "the pod object is left"
}

@test "pods are protected, and removed, after both were gone at once" {
	start_pods deleted
	kill_program kubelet
	kill_program containerd
	kube delete pod deleted --wait=false
	is_protected client server
	start_program containerd
	within "$PATIENCE" answers
	start_program kubelet
	within "$PATIENCE" has_no_record deleted || fail "the record of deleted is left"
	start_pods after-both
	is_protected client after-both
}

@test "nothing is left of pods that are gone" {
	delete_pods --all
	nothing_is_left_of_pods
}
