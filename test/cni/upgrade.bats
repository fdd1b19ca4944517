#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# A version with another ABI beside pods of an earlier one: those go on under their own programs and maps until they are added again or
# deleted. This version's own, pinned under another number, stand for the earlier ones.

setup() {
	load helpers.bash
	load web.bash
	warm_host
	EARLIER=${PINS%/*}/v1
}

teardown() {
	stop_host
}

# upgraded ATTACH: web is of the earlier version, and new of this one; the maps of both know them by the same pod id.
upgraded() {
	stop_host
	warm_host
	web_with_friends ".attach = \"$1\""
	lab mv "$PINS" "$EARLIER"
	pod new 5
	succeeds ADD new ".attach = \"$1\" | .policy = {ingress: {default: \"deny\"}}"
	expect "pod ids" "$(record_value web podId)" "$(record_value new podId)"
}

@test "a pod of an earlier ABI keeps its policy, and CHECK says that it is not in force here" {
	local mode

	for mode in $(modes); do
		upgraded "$mode"
		policy_holds
		fails 106 CHECK web "$WEB_POLICY"
		says "is not of this attachment"
	done
}

@test "what is counted and followed of a pod is not shown as another's that has its id in maps of an earlier ABI" {
	upgraded auto
	serve friend udp 54
	reaches new udp 10.88.0.3 54
	reaches_not friend tcp 10.88.0.5 80
	[ "$(packets new ingress default-deny)" -ge 1 ]
	run -0 ctl stats web
	[[ $output == *"default/web: not in the maps that are pinned"* ]]
	expect "denies of web" 0 "$(packets web ingress default-deny)"
	run -0 ctl session list new
	[[ $output == *default/new* ]]
	run -0 ctl session list web
	expect lines 1 "${#lines[@]}"
}

@test "a pod of an earlier ABI that is added again is this version's, and at each hook there is one program" {
	local mode

	for mode in $(modes); do
		upgraded "$mode"
		succeeds ADD web "$WEB_POLICY | .attach = \"$mode\""
		succeeds CHECK web "$WEB_POLICY"
		within 2 is_attached v2
		policy_holds
		reaches_not friend tcp 10.88.0.5 80
	done
}

@test "DEL of a pod of an earlier ABI leaves no program and no record" {
	local mode

	for mode in $(modes); do
		upgraded "$mode"
		succeeds DEL web
		within 2 is_detached v2
		expect records new:eth0.json "$(lab ls "$RUN/attachments/net")"
		reaches friend tcp 10.88.0.2 81
	done
}
