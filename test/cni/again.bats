#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# ADD twice, DEL late, several interfaces: no attachment harms another, or itself. Each test has its own host.

setup() {
	load helpers.bash
	load web.bash
	warm_host
}

teardown() {
	stop_host
}

same_add_twice() { # ATTACH
	local once

	web_with_friends ".attach = \"$1\""
	dial talk friend 10.88.0.2 80
	exchange talk
	once=$(record web | jq -S .)
	succeeds ADD web "$WEB_POLICY | .attach = \"$1\""
	expect record "$once" "$(record web | jq -S .)"
	expect "attached" $'egress\ningress' "$(attached v2)"
	expect "policies" 1 "$(lab find "$RUN/policies" -type f | wc -l)"
	exchange talk
	policy_holds
	succeeds CHECK web "$WEB_POLICY"
	succeeds DEL web
	expect "entries" 0 "$(map_size pods)"
	within 2 is_detached v2
}

@test "tcx: the same ADD twice is there once, and connections go on" {
	needs_tcx
	same_add_twice tcx
}

@test "clsact: the same ADD twice is there once, and connections go on" {
	same_add_twice clsact
}

@test "ADD again in the other mode moves, with another policy replaces" {
	needs_tcx
	web_with_friends '.attach = "tcx"'
	for attach in clsact tcx; do
		succeeds ADD web "$WEB_POLICY | .attach = \"$attach\""
		within 2 is_attached v2
		expect attach "$attach" "$(record_value web attach)"
		policy_holds
	done
	succeeds ADD web "$(policy "$(allow 1 tcp 81)")"
	for address in $(addresses web); do
		reaches stranger tcp "$address" 81
		reaches_not friend tcp "$address" 80
	done
	expect "policies" 1 "$(lab find "$RUN/policies" -type f | wc -l)"
}

@test "an ADD that fails leaves the earlier one of the same pod as it was" {
	web_with_friends
	refuses 7 web "$(policy '{id: 1}')" "policy.ingress.rules[0]"
	refuses 8 web '.' "own network namespace" CNI_NETNS=/proc/self/ns/net
	policy_holds
}

@test "a late DEL of an old pod leaves the new one with the same address working" {
	for attach in $(modes); do
		pod old 2
		succeeds ADD old "$WEB_POLICY | .attach = \"$attach\""
		lab ip netns del old
		within 5 gone v2
		web_with_friends ".attach = \"$attach\""
		succeeds DEL old
		succeeds CHECK web "$WEB_POLICY"
		policy_holds
		expect "addresses" 2 "$(map_size pods)"
		succeeds DEL web
		expect "addresses" 0 "$(map_size pods)"
		# Their servers are still there, and would keep the links.
		for link in v2 v3 v4; do
			lab ip link del "$link"
		done
		for name in web friend stranger; do
			lab ip netns del "$name"
		done
	done
}

@test "a late DEL of an old pod leaves a new one whose veth was given the same ifindex" {
	for attach in $(modes); do
		pod old 2
		succeeds ADD old ".attach = \"$attach\""
		index=$(record_value old ifindex)
		lab ip netns del old
		within 5 gone v2
		pod web 2
		lab ip -n web link del eth0
		within 5 gone v2
		lab ip link add v2 index "$index" type veth peer name eth0 netns web
		lab ip link set v2 up
		lab ip -n web link set eth0 up
		succeeds ADD web "$WEB_POLICY | .attach = \"$attach\""
		expect ifindex "$index" "$(record_value web ifindex)"
		succeeds DEL old
		sleep 0.1
		succeeds CHECK web "$WEB_POLICY"
		succeeds DEL web
		within 2 is_detached v2
		lab ip netns del web
		within 5 gone v2
	done
}

@test "DEL of eth0 leaves net1 of the same pod" {
	pod web 2
	interface web net1 12
	pod friend 3
	serve web tcp 80
	succeeds ADD web "$(policy "$(allow 1 tcp 81)")"
	succeeds DEL web
	within 2 is_detached v2
	succeeds ADD web "$(policy "$(allow 1 tcp 81)")"
	IFNAME=net1 succeeds ADD web "$WEB_POLICY"
	expect "addresses" 4 "$(map_size pods)"
	succeeds DEL web
	expect "addresses" 2 "$(map_size pods)"
	expect "attached to net1" $'egress\ningress' "$(attached v12)"
	IFNAME=net1 succeeds CHECK web "$WEB_POLICY"
	fails 106 CHECK web
	in_pod web ip address flush dev eth0
	for address in $(addresses web net1); do
		reaches friend tcp "$address" 80
	done
	IFNAME=net1 succeeds DEL web
	expect "addresses" 0 "$(map_size pods)"
}
