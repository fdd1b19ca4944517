#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# CHECK finds what is not in force any more, and nothing else. Each test has its own host.

setup() {
	load helpers.bash
	load web.bash
	warm_host
}

teardown() {
	stop_host
}

checked() { # ATTACH
	pod web 2
	succeeds ADD web "$WEB_POLICY | .attach = \"$1\""
	succeeds CHECK web "$WEB_POLICY | .attach = \"$1\""
}

# not_in_force TEXT
not_in_force() {
	fails 106 CHECK web "$WEB_POLICY"
	says "$1"
	# What CHECK found, the next ADD mends.
	succeeds ADD web "$WEB_POLICY"
	succeeds CHECK web "$WEB_POLICY"
}

@test "CHECK before ADD and after DEL is 106" {
	pod web 2
	fails 106 CHECK web
	says "has no attachment in network net"
	succeeds ADD web
	succeeds CHECK web
	succeeds DEL web
	fails 106 CHECK web
}

@test "CHECK finds a TCX link that is gone" {
	needs_tcx
	checked tcx
	for direction in to_pod from_pod; do
		lab rm "$PINS/links/$(record_value web owner)_$direction"
		not_in_force "program rf_$direction is not attached"
	done
}

@test "CHECK finds a clsact filter, or the qdisc, that is gone" {
	checked clsact
	for hook in ingress egress; do
		lab tc filter del dev v2 "$hook"
		fails 106 CHECK web "$WEB_POLICY"
		says "clsact $hook"
		succeeds ADD web "$WEB_POLICY | .attach = \"clsact\""
		succeeds CHECK web "$WEB_POLICY"
	done
	lab tc qdisc del dev v2 clsact
	fails 106 CHECK web "$WEB_POLICY"
}

@test "CHECK finds a clsact filter that was replaced by somebody else's" {
	checked clsact
	lab "$TOOLS/kernel" load /sys/fs/bpf/foreign
	handle=$(lab tc filter show dev v2 ingress | grep -o 'handle 0x[0-9a-f]*' | head -n 1)
	# shellcheck disable=SC2086 # two words
	lab tc filter replace dev v2 ingress prio 1 $handle bpf da object-pinned /sys/fs/bpf/foreign
	fails 106 CHECK web "$WEB_POLICY"
	says "not ours"
}

map_key() { # MAP NUMBER: the key of the map's entry of that number, as bpftool wants it
	lab "$TOOLS/kernel" maps "$PINS/maps" | awk -v map="$1" '$1 == map { print $2 }' | sed -n "$2p" | sed 's/../& /g'
}

value_size() { # MAP
	lab bpftool -j map show pinned "$PINS/maps/$1" | jq .bytes_value
}

delete_entry() { # MAP NUMBER
	# shellcheck disable=SC2046 # bytes are words
	lab bpftool map delete pinned "$PINS/maps/$1" key hex $(map_key "$1" "$2")
}

@test "CHECK finds an entry that is gone from the maps of pods and interfaces" {
	checked auto
	delete_entry pods 1
	not_in_force "map pods does not lead from"
	delete_entry pods 2
	not_in_force "map pods does not lead from"
	delete_entry interfaces 1
	not_in_force "map interfaces"
}

@test "CHECK finds an entry of the policy that is gone" {
	checked auto
	for map in peers services; do
		delete_entry "$map" 1
		fails 106 CHECK web "$WEB_POLICY"
		says "$map"
		succeeds DEL web
		succeeds ADD web "$WEB_POLICY"
		succeeds CHECK web "$WEB_POLICY"
	done
}

@test "CHECK finds that another pod owns the address now" {
	checked auto
	pod thief 3
	succeeds ADD thief '.prevResult.ips[0].address = "10.88.0.2/24"'
	fails 106 CHECK web "$WEB_POLICY"
	says "map pods does not lead from 10.88.0.2"
	succeeds DEL thief
}

@test "CHECK finds that the pod's state is another's" {
	checked auto
	# shellcheck disable=SC2046
	lab bpftool map update pinned "$PINS/maps/pod_state" key hex 01 00 00 00 value hex $(printf '00 %.0s' $(seq "$(value_size pod_state)"))
	fails 106 CHECK web "$WEB_POLICY"
	says "not of this attachment"
}

# spoil OFFSET BITS: inverts them in that byte of the first pod's state
spoil() {
	local value

	value=$(lab "$TOOLS/kernel" maps "$PINS/maps" | awk '$1 == "pod_state" { print $3 }')
	value=${value:0:$1*2}$(printf %02x $((16#${value:$1*2:2} ^ $2)))${value:$1*2+2}
	# shellcheck disable=SC2046,SC2001 # bytes are words
	lab bpftool map update pinned "$PINS/maps/pod_state" key hex 01 00 00 00 value hex $(sed 's/../& /g' <<<"$value")
}

@test "CHECK finds antiSpoof, hostAccess and etherTypes that are not those of ADD" {
	checked auto
	# Behind policy word, ifindex, incarnation and owner come flags, and behind these and a pad the types.
	spoil 24 "$(flag RF_POD_ANTI_SPOOF)"
	not_in_force "is judged with antiSpoof false, not true"
	spoil 24 "$(flag RF_POD_HOST_BY_POLICY)"
	not_in_force "is judged with hostAccess policy, not allow"
	spoil 33 1
	not_in_force "has other etherTypes than its record"
	spoil 35 8
	not_in_force "has other etherTypes than its record"
}

flag() { # NAME: of bpf/abi.h
	sed -n "s/^\t$1 = \([0-9]*\),.*/\1/p" "$ROOT/bpf/abi.h"
}

@test "CHECK does not miss what an earlier version's record does not have" {
	checked auto
	forget_configuration web
	succeeds CHECK web "$WEB_POLICY"
}

@test "CHECK finds addresses and a host side that are not those of ADD" {
	checked auto
	fails 106 CHECK web "$WEB_POLICY | .prevResult.ips[0].address = \"10.88.0.9/24\""
	says "10.88.0.9"
	lab ip -n web link del eth0
	within 5 gone v2
	interface web eth0 2
	fails 106 CHECK web "$WEB_POLICY"
	says "the host side is"
}

@test "CHECK finds that everything is gone" {
	checked auto
	lab find /sys/fs/bpf/ringfence -depth -delete
	fails 106 CHECK web "$WEB_POLICY"
	says "no programs and maps are pinned"
}

@test "CHECK is not disturbed by another's filter, by a route, or by traffic" {
	web_with_friends '.attach = "clsact"'
	lab "$TOOLS/kernel" load /sys/fs/bpf/foreign
	lab tc filter add dev v2 ingress prio 50 bpf da object-pinned /sys/fs/bpf/foreign
	lab "$TOOLS/kernel" attach /sys/fs/bpf/foreign v2 egress
	lab ip route add 192.0.2.0/24 via 10.88.0.2
	policy_holds
	succeeds CHECK web "$WEB_POLICY | .attach = \"clsact\""
}
