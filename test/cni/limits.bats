#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# limits, with real packets: a pod has as many sessions and new flows as it may, others and the node do not notice. Each test has
# its own host.
# shellcheck disable=SC2016 # what stands in single quotes is for the shell in the lab

setup() {
	load helpers.bash
	load web.bash
	warm_host
}

teardown() {
	stop_host
}

# flows POD ADDRESS COUNT: opens that many at once
flows() {
	in_pod "$1" bash -c 'for ((i = 0; i < $1; i++)); do echo >"/dev/udp/$0/53"; done' "$2" "$3"
}

@test "sessions: one more than the limit is denied, those that are there go on" {
	web_with_friends '.limits = {sessions: 2}'
	dial one friend 10.88.0.2 80
	dial two friend 10.88.0.2 80
	exchange one
	exchange two
	reaches_not friend tcp 10.88.0.2 80
	[ "$(packets web ingress session-limit)" -ge 1 ]
	exchange one
	exchange two
}

@test "sessions: the node reaches a pod that has as many as it may" {
	web_with_friends '.limits = {sessions: 1}'
	dial one friend 10.88.0.2 80
	exchange one
	lab timeout 30 bash -c 'exec 9<>/dev/tcp/10.88.0.2/80; echo ping >&9; read -r line <&9; [ "$line" = ping ]'
	reaches_not friend tcp 10.88.0.2 80
}

@test "sessions: a limit that is raised lets more begin" {
	web_with_friends '.limits = {sessions: 1}'
	dial one friend 10.88.0.2 80
	exchange one
	reaches_not friend tcp 10.88.0.2 80
	succeeds ADD web "$WEB_POLICY | .limits = {sessions: 100}"
	reaches friend tcp 10.88.0.2 80
	exchange one
}

@test "newFlowsPerSecond: what begins faster is denied, whoever opens it; another pod is not limited" {
	pod web 2
	pod friend 3
	succeeds ADD web '.limits = {newFlowsPerSecond: 1, newFlowsBurst: 3}'
	succeeds ADD friend
	flows friend 10.88.0.2 40
	[ "$(packets web ingress new-flow-rate)" -ge 1 ]
	[ "$(packets web ingress default-allow)" -ge 3 ]
	expect "denies of friend" 0 "$(packets friend egress new-flow-rate)"
	flows web 10.88.0.3 40
	[ "$(packets web egress new-flow-rate)" -ge 1 ]
}

@test "audit: what is beyond a limit is counted, and passes" {
	web_with_friends '.mode = "audit" | .limits = {sessions: 1}'
	dial one friend 10.88.0.2 80
	exchange one
	reaches friend tcp 10.88.0.2 80
	[ "$(packets web ingress session-limit)" -ge 1 ]
}
