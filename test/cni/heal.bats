#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# What no DEL ever came for goes by itself, on later calls. Each test has its own host.

setup() {
	load helpers.bash
	load web.bash
	warm_host
	pod other 200
}

teardown() {
	stop_host
}

# abandoned NAME NUMBER [FILTER]: a pod that is added, and gone without a DEL
abandoned() {
	pod "$1" "$2"
	succeeds ADD "$1" "${3:-.}"
	vanishes "$1" "v$2"
}

vanishes() { # POD LINK
	lab ip netns del "$1"
	within 5 gone "$2"
}

some_call() {
	succeeds ADD other
	succeeds DEL other
}

records() {
	lab find "$RUN/attachments" -type f | wc -l
}

@test "tcx: a pod that is gone without a DEL goes whole with the next ADD" {
	needs_tcx
	local before

	before=$(snapshot)
	abandoned old 2 '.attach = "tcx" | .policy = {ingress: {}}'
	some_call
	unchanged "$before"
}

@test "clsact: a pod that is gone without a DEL goes whole with the next ADD, its sessions too" {
	local before

	before=$(snapshot)
	pod old 2
	pod friend 3
	serve friend udp 53
	succeeds ADD old '.attach = "clsact" | .policy = {ingress: {}}'
	reaches old udp 10.88.0.3 53
	vanishes old v2
	some_call
	lab ip link del v3
	unchanged "$before"
}

@test "pods that are there are left alone, and so is what was added for them" {
	local before

	for attach in $(modes); do
		pod "web-$attach" "$((++number))"
		succeeds ADD "web-$attach" "$WEB_POLICY | .attach = \"$attach\""
	done
	before=$(snapshot)
	some_call
	unchanged "$before"
	for attach in $(modes); do
		succeeds CHECK "web-$attach" "$WEB_POLICY | .attach = \"$attach\""
	done
}

# abandoned_at_once COUNT FILTER
abandoned_at_once() {
	local number

	for ((number = 1; number <= $1; number++)); do
		pod "old$number" "$number"
		succeeds ADD "old$number" "$2"
	done
	for ((number = 1; number <= $1; number++)); do
		vanishes "old$number" "v$number"
	done
}

@test "one call does a bounded part of the work, some calls do all" {
	local before calls

	before=$(snapshot)
	abandoned_at_once 20 '.attach = "clsact"'
	some_call
	[ "$(records)" -ge 12 ] || fail "more than 8 of 20 at once: $(records) are left"
	[ "$(records)" -lt 20 ] || fail "none of 20"
	for ((calls = 0; calls < 5; calls++)); do
		some_call
	done
	unchanged "$before"
}

@test "a record without a pod, as maps that were loaded anew leave it" {
	abandoned old 2
	lab find /sys/fs/bpf/ringfence -depth -delete
	expect records 1 "$(records)"
	some_call
	lab test ! -e "$RUN/attachments/net"
}

@test "a record without a pod stays as long as its interface is there" {
	pod web 2
	succeeds ADD web
	lab find /sys/fs/bpf/ringfence -depth -delete
	succeeds ADD other
	lab test -e "$RUN/attachments/net/web:eth0.json"
}

@test "a pod in the maps without a record" {
	local before

	before=$(snapshot)
	abandoned old 2 '.policy = {ingress: {}}'
	lab rm -r "$RUN/attachments/net"
	some_call
	unchanged "$before"
}

@test "a pinned link that nobody has is detached" {
	needs_tcx
	local before

	pod web 2
	before=$(snapshot)
	succeeds ADD web '.attach = "tcx"'
	lab sh -c "bpftool link pin pinned $PINS/links/*_to_pod $PINS/links/00000000000000aa_to_pod"
	succeeds DEL web
	expect "attached" egress "$(attached v2)"
	some_call
	unchanged "$before"
}

@test "a pod whose interface's number was given to another pod" {
	local before index

	before=$(snapshot)
	pod old 2
	succeeds ADD old '.attach = "clsact" | .policy = {ingress: {}}'
	index=$(record_value old ifindex)
	vanishes old v2
	pod web 3
	lab ip -n web link del eth0
	within 5 gone v3
	lab ip link add v3 index "$index" type veth peer name eth0 netns web
	succeeds ADD web '.attach = "clsact"'
	expect ifindex "$index" "$(record_value web ifindex)"
	lab test ! -e "$RUN/attachments/net/old:eth0.json"
	succeeds CHECK web '.attach = "clsact"'
	succeeds DEL web
	lab ip link del v3
	unchanged "$before"
}

@test "a pod of another host netns is left alone" {
	lab_pod pod
	lab ip netns add host2
	lab ip -n host2 link add w2 index 4711 type veth peer name eth0 netns pod
	jq '.interfaces[1].name = "w2" | .interfaces[2].sandbox = "/run/netns/pod" | .ips |= [.[0] | .address = "10.88.0.9/24"]' \
		"$LAB_DIRECTORY/other-eth0.result" \
		>"$LAB_DIRECTORY/pod-eth0.result"
	succeeds ADD pod '.attach = "clsact"' nsenter --net=/run/netns/host2
	lab test ! -e "/sys/class/net/w2"
	some_call
	lab test -e "$RUN/attachments/net/pod:eth0.json"
	succeeds CHECK pod '.attach = "clsact"' nsenter --net=/run/netns/host2
	# One here whose interface has the same number.
	pod web 3
	lab ip -n web link del eth0
	within 5 gone v3
	lab ip link add v3 index 4711 type veth peer name eth0 netns web
	succeeds ADD web '.attach = "clsact"'
	some_call
	lab test -e "$RUN/attachments/net/pod:eth0.json"
}

@test "a node that is full of pods that are gone takes a new one" {
	lab find /sys/fs/bpf/ringfence -depth -delete
	lab find "$RUN" -depth -delete
	succeeds ADD other '.maps = {pods: 2}'
	pod old 2
	succeeds ADD old
	vanishes old v2
	pod web 3
	succeeds ADD web
	succeeds CHECK web
	succeeds CHECK other
}

# wide NAME COUNT: a policy that needs so many services, and some, and shares them with none of another name
wide() {
	echo ".policy = {name: \"$1\", ingress: {rules: [range($2) |
		{id: (. + 1), priority: (\"$1\" | explode | add), action: \"allow\", protocol: \"tcp\", ports: [\"\(1000 + 2 * .)\"]}]}}"
}

@test "maps that are full of policies of pods that are gone take a new one; what can never fit is 103" {
	lab find /sys/fs/bpf/ringfence -depth -delete
	lab find "$RUN" -depth -delete
	succeeds ADD other '.maps = {services: 60}'
	pod old 2
	succeeds ADD old "$(wide old 40)"
	pod web 3
	fails 103 ADD web "$(wide new 40)"
	says services
	vanishes old v2
	succeeds ADD web "$(wide new 40)"
	succeeds CHECK web "$(wide new 40)"
	vanishes web v3
	pod third 4
	fails 103 ADD third "$(wide new 80)"
	says services
}

@test "GC heals all of it at once" {
	local before

	before=$(snapshot)
	abandoned_at_once 12 '.attach = "clsact" | .name = "elsewhere"'
	call GC any CNI_CONTAINERID= CNI_NETNS= CNI_IFNAME= \
		<<<'{"cniVersion": "1.1.0", "name": "net", "cni.dev/valid-attachments": []}'
	was_success GC
	unchanged "$before"
}
