#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# STATUS: can ADD be served, and if not, are the pods that run protected? Each test has its own host. What it says of
# the bpffs and of capabilities stands beside what ADD says, in bpffs.bats and capabilities.bats.

setup() {
	load helpers.bash
	load web.bash
	warm_host
}

teardown() {
	stop_host
}

status_of() {
	call STATUS any CNI_CONTAINERID= CNI_NETNS= CNI_IFNAME= "$@" <<<'{"cniVersion": "1.1.0", "name": "net"}'
}

@test "STATUS: fine when loaded, and before anything was loaded; it changes nothing" {
	before=$(snapshot)
	status_of
	was_success STATUS
	unchanged "$before"
	lab find /sys/fs/bpf/ringfence "$RUN" -depth -delete
	before=$(snapshot)
	status_of
	was_success STATUS
	unchanged "$before"
	lab test ! -e "$RUN"
}

@test "STATUS with a pin that is missing is 50" {
	lab rm "$PINS/maps/peers"
	status_of
	was_failure 50
	says "$PINS/maps/peers"
	says "remove $PINS"
}

@test "STATUS waits for nobody: not for the lock" {
	lab flock "$RUN/lock" sleep 60 3>&- 4>&- &
	within 5 lock_is_held
	status_of timeout 15
	was_success STATUS
}

lock_is_held() {
	! lab flock --nonblock "$RUN/lock" true
}

@test "STATUS where no record can be written is 50, and ADD fails for the same" {
	lab mount -o remount,ro /run
	status_of
	was_failure 50
	says "write into $RUN: Read-only file system"
	lab mount -o remount,rw /run
	status_of
	was_success STATUS
}

@test "STATUS with all pod ids in use is 50, with the numbers, as ADD says" {
	lab rm -r "$PINS"
	pod one 1
	pod two 2
	pod three 3
	succeeds ADD one '.maps = {pods: 2}'
	status_of
	was_success STATUS
	succeeds ADD two '.maps = {pods: 2}'
	fails 103 ADD three '.maps = {pods: 2}'
	says "2 of 2 pods are in use"
	status_of
	was_failure 50
	says "2 of 2 pods are in use"
	says "maps.pods"
	# What no DEL came for, ADD takes back.
	lab ip netns del one
	within 5 gone v1
	status_of
	was_success STATUS
	succeeds ADD three '.maps = {pods: 2}'
	status_of
	was_failure 50
	succeeds DEL two
	status_of
	was_success STATUS
}

# 50 or 51: what the kernel has at the interfaces of the running pods, when ADD cannot be served.

# Three pods of the network, and one of another; `other` is of no name that a runtime gave
pods() { # ATTACH
	pod web 2
	pod api 3
	pod other 4
	succeeds ADD web "$WEB_POLICY | .attach = \"$1\""
	succeeds ADD api "$WEB_POLICY | .attach = \"$1\""
	succeeds ADD other "$WEB_POLICY | .attach = \"$1\" | .name = \"elsewhere\""
}

remove_pods() {
	local name

	succeeds DEL web
	succeeds DEL api
	succeeds DEL other '.name = "elsewhere"'
	for name in web api other; do
		lab ip netns del "$name"
		within 5 gone "$(host_interface "$name")"
	done
}

detach() { # POD
	lab rm -f "$PINS"/links/"$(record_value "$1" owner)"_to_pod
	lab tc filter del dev "$(host_interface "$1")" egress 2>/dev/null || true
	within 2 is_half_detached "$(host_interface "$1")"
}

is_half_detached() {
	[ "$(attached "$1")" = ingress ]
}

@test "STATUS is 51 if ADD cannot be served and a running pod lacks a program, and names it" {
	local mode

	for mode in $(modes); do
		pods "$mode"
		detach web
		# As long as ADD can be served, it is CHECK's to say.
		status_of
		was_success STATUS
		lab mount -t tmpfs tmpfs /sys/fs/bpf
		status_of
		was_failure 51
		says "type tmpfs is mounted over the bpffs"
		says "unprotected are 1 of 2 running pods: default/web"
		says "umount /sys/fs/bpf"
		lab umount /sys/fs/bpf
		remove_pods
	done
}

@test "STATUS is 50 if all running pods are protected, whatever other networks' are" {
	local mode

	for mode in $(modes); do
		pods "$mode"
		lab mv "$RUN/attachments/elsewhere" "$RUN/attachments/kept"
		lab mount -t tmpfs tmpfs /sys/fs/bpf
		status_of
		was_failure 50
		lab umount /sys/fs/bpf
		lab mv "$RUN/attachments/kept" "$RUN/attachments/elsewhere"
		lab tc filter del dev v4 egress 2>/dev/null ||
			lab rm "$PINS/links/$(record other elsewhere | jq -r .owner)_to_pod"
		within 2 is_half_detached v4
		lab mount -t tmpfs tmpfs /sys/fs/bpf
		status_of
		was_failure 50
		lab umount /sys/fs/bpf
		remove_pods
	done
}

@test "STATUS does not count a pod whose interface is gone, or whose ifindex is another link's" {
	local index

	pods auto
	index=$(record_value web ifindex)
	detach web
	lab ip netns del web
	within 5 gone v2
	lab mount -t tmpfs tmpfs /sys/fs/bpf
	status_of
	was_failure 50
	lab ip link add stranger index "$index" type bridge
	status_of
	was_failure 50
}

@test "STATUS of many unprotected pods says how many, and names some" {
	local number

	for number in $(seq 10 19); do
		pod "a-pod-with-quite-a-long-name-$number" "$number"
		succeeds ADD "a-pod-with-quite-a-long-name-$number" '.attach = "clsact"'
		lab tc qdisc del dev "v$number" clsact
	done
	lab umount /sys/fs/bpf
	status_of
	was_failure 51
	says "unprotected are 10 of 10 running pods: default/a-pod"
	says ", and others"
}

@test "STATUS that lacks the right to see a pod's programs claims nothing about it" {
	needs_tcx
	pod web 2
	succeeds ADD web "$WEB_POLICY"
	detach web
	status_of setpriv --bounding-set=-all --inh-caps=-all
	was_failure 50
	says "CAP_SYS_ADMIN"
}

@test "DEL with a pin that is missing removes what it can" {
	pod web 2
	succeeds ADD web "$WEB_POLICY"
	lab rm "$PINS/maps/peers"
	fails 102 CHECK web "$WEB_POLICY"
	says "$PINS/maps/peers"
	succeeds DEL web
	within 2 is_detached v2
	lab test ! -e "$RUN/attachments/net"
}
