#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# DEL leaves nothing, whatever the runtime says, forgets or does in another order. Each test has its own host.

setup() {
	load helpers.bash
	load web.bash
	warm_host
}

teardown() {
	stop_host
}

# Connections that have ended are there.
has_half_open() {
	[ "$(map_size half_open)" -gt 0 ]
}

del_leaves_nothing() { # ATTACH
	local before

	pod web 2
	pod friend 3
	serve web tcp 80
	before=$(snapshot)
	succeeds ADD web "$WEB_POLICY | .attach = \"$1\""
	for address in $(addresses web); do
		reaches friend tcp "$address" 80
	done
	dial live friend 10.88.0.2 80
	exchange live
	[ "$(map_size sessions)" -gt 0 ]
	within 5 has_half_open
	succeeds DEL web "$WEB_POLICY"
	# The veth is still there: nothing of ours is at it, and its packets pass.
	unchanged "$before"
	for address in $(addresses web); do
		reaches friend tcp "$address" 80
	done
}

@test "tcx: DEL leaves nothing on a veth that is kept, no session, no entry, no record" {
	needs_tcx
	del_leaves_nothing tcx
}

@test "clsact: DEL leaves no filter and no qdisc on a veth that is kept" {
	del_leaves_nothing clsact
}

@test "DEL twice, three times" {
	pod web 2
	before=$(snapshot)
	succeeds ADD web "$WEB_POLICY"
	for _ in 1 2 3; do
		succeeds DEL web
		unchanged "$before"
	done
}

@test "DEL before any ADD: with an empty netns, without prevResult, for an unknown container" {
	before=$(snapshot)
	pod web 2
	call DEL web CNI_NETNS= <<<'{"cniVersion": "1.0.0", "name": "net", "type": "ringfence"}'
	was_success DEL
	call DEL web CNI_CONTAINERID=unknown CNI_NETNS=/run/netns/nowhere <<<'{"cniVersion": "0.3.1", "name": "never-heard-of"}'
	was_success DEL
	lab ip link del v2
	unchanged "$before"
}

@test "DEL cleans up in full with an empty netns, without prevResult, with 0.3.1" {
	pod web 2
	before=$(snapshot)
	for filter in 'del(.prevResult)' '.prevResult = null' '.cniVersion = "0.3.1" | del(.prevResult)'; do
		succeeds ADD web "$WEB_POLICY"
		succeeds DEL web "$filter" CNI_NETNS=
		unchanged "$before"
	done
}

@test "DEL cleans up in full though the configuration has changed since, or is broken in our keys" {
	pod web 2
	before=$(snapshot)
	for filter in '.attach = "auto"' '.policy = {ingress: {}}' '.policy = "broken"' '.polcy = 1' '.maps = {sessions: -1}' \
		'.prevResult = {}' '.prevResult.ips[0].address = "10.88.0.9/24"' '.mode = "odd"' '.attach = []'; do
		succeeds ADD web "$WEB_POLICY | .attach = \"clsact\""
		succeeds DEL web "$filter"
		unchanged "$before"
	done
}

@test "DEL cleans up after the netns and the veth are gone" {
	for attach in $(modes); do
		before=$(snapshot)
		pod web 2
		succeeds ADD web "$WEB_POLICY | .attach = \"$attach\""
		lab ip netns del web
		within 5 gone v2
		succeeds DEL web "$WEB_POLICY"
		unchanged "$before"
	done
}

@test "DEL with CNI_NETNS a file that is no netns cleans up" {
	pod web 2
	before=$(snapshot)
	succeeds ADD web "$WEB_POLICY"
	succeeds DEL web . CNI_NETNS=/dev/null
	unchanged "$before"
}

@test "DEL succeeds with bpffs gone, and when all state is gone" {
	pod web 2
	succeeds ADD web "$WEB_POLICY"
	lab mount -t tmpfs tmpfs /sys/fs/bpf
	succeeds DEL web
	succeeds DEL web
	lab umount /sys/fs/bpf
	succeeds ADD web "$WEB_POLICY"
	lab rm -rf "$RUN"
	succeeds DEL web
	within 2 is_detached v2
}
