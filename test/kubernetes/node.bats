#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Pods that `kubectl run` starts, on a whole Kubernetes node: the policy of the conflist, probes, Services, removal.

load helpers.bash

setup_file() {
	prepare_node
	start_node
}

teardown_file() {
	stop_node
}

teardown() {
	if [ -z "${BATS_TEST_COMPLETED:-}" ]; then
		node_complaints >&2
	fi
}

@test "the node becomes ready" {
	within "$PATIENCE" kube wait --for condition=Ready --timeout 5s node/node
}

@test "pods of kubectl run have the conflist's policy" {
	start_pods client server
	is_protected client server

	expect "pods and policies" "default/client auto
default/server auto" "$(ctl pod list | awk 'NR > 1 && NF > 1 { print $1, $4 }' | sort)"
	expect "the connection is counted" 1 "$(packets default/server ingress rule-allow)"
	[ "$(packets default/server ingress default-deny)" -gt 0 ] || fail "no denial is counted" "$(ctl stats default/server)"
}

@test "a pod that is no peer of the policy is denied" {
	NETWORK=clsact start_pods stranger
	reaches_not stranger "$(address server)" 8080
}

@test "a RuntimeClass has pods that are attached by clsact" {
	local address

	address=$(address stranger)
	expect "attach mode" clsact "$(ctl pod list | awk '$1 == "default/stranger" { print $3 }')"
	reaches client "$address" 8080
	reaches_not client "$address" 8081
}

# probed NAME NETWORK: a pod with probes of port 8081, which is in no rule
probed() {
	# shellcheck disable=SC2016 # jq's variable
	SPEC='.containers = [{name: $name, readinessProbe: {httpGet: {port: 8081, path: "/page"}, periodSeconds: 1, timeoutSeconds: 1},
		livenessProbe: {tcpSocket: {port: 8081}, periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 2}}]' \
		NETWORK=$2 run_pods "$1"
}

@test "liveness and readiness probes pass through a policy that lets nobody in" {
	local probes

	probed probed auto
	ready probed
	probes=$(packets default/probed ingress host-access)
	[ "$probes" -gt 0 ] || fail "no probe is counted" "$(ctl stats default/probed)"
	within "$PATIENCE" probed_again "$((probes + 6))"
	ready probed
	expect "restarts" 0 "$(pod_value probed '{.status.containerStatuses[0].restartCount}')"
	reaches_not client "$(address probed)" 8081
}

probed_again() {
	[ "$(packets default/probed ingress host-access)" -ge "$1" ]
}

@test "probes are judged like any peer's packets where hostAccess is policy" {
	probed judged strict
	within "$PATIENCE" was_restarted judged || fail "the liveness probe does not fail"
	expect "ready" false "$(pod_value judged '{.status.containerStatuses[0].ready}')"
	[ "$(packets default/judged ingress default-deny)" -gt 0 ] || fail "$(ctl stats default/judged)"
}

was_restarted() {
	[ "$(pod_value "$1" '{.status.containerStatuses[0].restartCount}')" -gt 0 ]
}

connects() {
	[ "$(connect "$@")" = connected ]
}

# Behind both Services is the same pod; only the address of the one is in the policy.
@test "an egress policy judges a Service by its own address" {
	local forbidden=10.96.0.81 server

	server=$(address server)
	kube expose pod server --name shop --port 80 --target-port 8080 --cluster-ip "$SERVICE_ADDRESS"
	kube expose pod server --name backdoor --port 80 --target-port 8080 --cluster-ip "$forbidden"
	NETWORK=egress start_pods shopper
	within "$PATIENCE" connects client "$SERVICE_ADDRESS" 80 || fail "kube-proxy does not serve $SERVICE_ADDRESS"
	within "$PATIENCE" connects client "$forbidden" 80 || fail "kube-proxy does not serve $forbidden"

	reaches shopper "$SERVICE_ADDRESS" 80
	reaches_not shopper "$forbidden" 80
	reaches_not shopper "$server" 8080
	has_session shopper egress "$(address shopper)" "$SERVICE_ADDRESS:80"
	has_session server ingress "$(address shopper)" "$server:8080"
}

# has_session POD OPENED-BY ADDRESS TO
has_session() {
	ctl session list "default/$1" | awk -v by="$2" -v from="$3" -v to="$4" '
		$2 == by && index($4, from ":") == 1 && $5 == to { found = 1 } END { exit !found }' ||
		fail "$1 has no session from $3 to $4:" "$(ctl session list "default/$1")"
}

@test "an ingress policy judges a Service's client by the client's address" {
	local events=$BATS_TEST_TMPDIR/events

	start_monitor "$events" 3>&-
	reaches_not stranger "$SERVICE_ADDRESS" 80
	stop_monitor
	grep -F "deny default/server ingress tcp $(address stranger):" "$events" | grep -F "> $(address server):8080: default-deny" ||
		fail "no such event:" "$(<"$events")"
}

@test "kubectl delete --force --grace-period=0 leaves nothing of the pod" {
	local name

	for name in server stranger; do
		expect "records of $name" 1 "$(pods_with_record | grep -cx "default/$name")"
		kube delete pod "$name" --force --grace-period=0
		within "$PATIENCE" has_no_record "default/$name" || fail "the record of $name is left"
	done
}

has_no_record() {
	! pods_with_record | grep -qx "$1"
}

@test "nothing is left of pods that are gone" {
	delete_pods --all
	nothing_is_left_of_pods
}
