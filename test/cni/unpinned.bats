#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2030,SC2031 # each test has its own `before`
#
# TCX links that no pin leads to: because pins were removed while something else holds the link, or because something was mounted over
# them. DEL detaches by what the kernel has at the interface, and only its own; ADD takes over what is there. Each test has its own
# host.

setup() {
	load helpers.bash
	load others.bash
	web_and_friend
	needs_tcx
	before=$(snapshot)
}

teardown() {
	stop_host
}

HELD=/sys/fs/bpf/held # where another holds our links

link_pin() { # POD DIRECTION
	echo "$PINS/links/$(record_value "$1" owner)_$2"
}

# Our links of a pod, of which only another's pins are left
hold_links() { # POD
	local direction

	for direction in to_pod from_pod; do
		lab "$TOOLS/kernel" move "$(link_pin "$1" $direction)" "${HELD}_$1_$direction"
	done
}

release_links() {
	lab find /sys/fs/bpf -maxdepth 1 -name 'held_*' -delete
}

link_ids() { # POD
	for direction in to_pod from_pod; do
		lab bpftool -j link show pinned "$(link_pin "$1" $direction)" | jq .id
	done
}

# No record, and no pin of a link
nothing_is_left() {
	expect "records and pins" "" "$(lab find "$RUN/attachments" "$PINS/links" -type f)"
}

@test "DEL detaches links that another still holds when their pins are gone" {
	succeeds ADD web "$CLOSED | .attach = \"tcx\""
	hold_links web
	is_attached v2
	web_is_closed
	succeeds DEL web
	is_detached v2
	web_answers
	release_links
	unchanged "$before"
}

@test "DEL detaches a link whose pin is gone when that of the other direction is there" {
	succeeds ADD web "$CLOSED | .attach = \"tcx\""
	lab "$TOOLS/kernel" move "$(link_pin web from_pod)" "${HELD}_web"
	succeeds DEL web
	within 2 is_detached v2
	release_links
	unchanged "$before"
}

@test "DEL by links and not by pins leaves another's programs there" {
	foreign_program
	foreign_tcx ingress
	succeeds ADD web "$CLOSED | .attach = \"tcx\""
	foreign_tcx egress first
	hold_links web
	succeeds DEL web
	is_detached v2
	expect "programs that stay" "foreign foreign" "$(tcx_order ingress) $(tcx_order egress)"
}

mounted_over() { # TYPE
	succeeds ADD web "$CLOSED | .attach = \"tcx\""
	succeeds ADD friend "$CLOSED | .attach = \"tcx\""
	lab mount -t "$1" "$1" /sys/fs/bpf
	succeeds DEL web
	is_detached v2
	is_attached v3
	# What is left of it in the maps, the next DEL after they are back removes.
	lab umount /sys/fs/bpf
	succeeds DEL web
	succeeds CHECK friend "$CLOSED"
	succeeds DEL friend
	unchanged "$before"
}

@test "DEL detaches when a tmpfs was mounted over the pins, and leaves other pods attached" {
	mounted_over tmpfs
}

@test "DEL detaches when another bpffs was mounted over the pins, and leaves other pods attached" {
	mounted_over bpf
}

@test "clsact: DEL detaches when another bpffs was mounted over the pins, and leaves other pods attached" {
	succeeds ADD web "$CLOSED | .attach = \"clsact\""
	succeeds ADD friend "$CLOSED | .attach = \"clsact\""
	lab mount -t bpf bpf /sys/fs/bpf
	succeeds DEL web
	is_detached v2
	is_attached v3
	lab umount /sys/fs/bpf
	succeeds DEL web
	succeeds DEL friend
	unchanged "$before"
}

@test "DEL without pins leaves the pod whose interface was given the same ifindex since" {
	for attach in $(modes); do
		pod old 4
		succeeds ADD old ".attach = \"$attach\""
		index=$(record_value old ifindex)
		lab ip netns del old
		within 5 lab test ! -e /sys/class/net/v4
		lab_pod new
		lab ip link add v5 index "$index" type veth peer name eth0 netns new
		lab ip link set v5 up
		config old '.prevResult.ips[0].address = "10.88.0.5/24" | .prevResult.ips[1].address = "fd00:88::5/64"' |
			jq .prevResult >"$LAB_DIRECTORY/new-eth0.result"
		succeeds ADD new "$CLOSED | .attach = \"$attach\""
		expect ifindex "$index" "$(record_value new ifindex)"
		lab mount -t tmpfs tmpfs /sys/fs/bpf
		succeeds DEL old
		is_attached v5
		lab umount /sys/fs/bpf
		succeeds CHECK new "$CLOSED"
		succeeds DEL old
		succeeds DEL new
		lab ip netns del new
		within 5 lab test ! -e /sys/class/net/v5
		unchanged "$before"
	done
}

@test "ADD again after the pins are gone takes over the links that another holds, and DEL leaves nothing" {
	succeeds ADD web "$CLOSED | .attach = \"tcx\""
	ids=$(link_ids web)
	hold_links web
	fails 106 CHECK web "$CLOSED"
	succeeds ADD web "$CLOSED | .attach = \"tcx\""
	succeeds CHECK web "$CLOSED"
	expect "links" "$ids" "$(link_ids web)"
	release_links
	is_attached v2
	web_is_closed
	succeeds DEL web
	unchanged "$before"
}

@test "ADD for another container on an interface that an earlier one was never removed from" {
	succeeds ADD web "$CLOSED | .attach = \"tcx\""
	succeeds ADD web "$OPEN | .attach = \"tcx\"" CNI_CONTAINERID=other
	web_answers
	# Its DEL comes late.
	succeeds DEL web
	sleep 0.1
	is_attached v2
	web_answers
	succeeds CHECK web "$OPEN" CNI_CONTAINERID=other
	succeeds DEL web . CNI_CONTAINERID=other
	unchanged "$before"
}

@test "ADD after a bpffs was mounted over the pins retires what it finds attached, and loads anew" {
	succeeds ADD web "$CLOSED | .attach = \"tcx\""
	lab mount -t bpf bpf /sys/fs/bpf
	succeeds ADD web "$OPEN | .attach = \"tcx\""
	expect "programs" "rf_from_pod rf_to_pod" "$(tcx_order ingress) $(tcx_order egress)"
	web_answers
	succeeds CHECK web "$OPEN"
	succeeds DEL web
	within 2 is_detached v2
	lab umount /sys/fs/bpf
	succeeds DEL web
	nothing_is_left
}

@test "clsact after a bpffs was mounted over the pins of TCX links detaches these" {
	succeeds ADD web "$CLOSED | .attach = \"tcx\""
	lab mount -t bpf bpf /sys/fs/bpf
	succeeds ADD web "$OPEN | .attach = \"clsact\""
	expect "TCX programs" "" "$(tcx_order ingress)$(tcx_order egress)"
	web_answers
	succeeds DEL web
	is_detached v2
	lab umount /sys/fs/bpf
	succeeds DEL web
	nothing_is_left
}

@test "ADD of a container whose veth was made anew attaches to the new one, in either mode" {
	local attach

	for attach in $(modes); do
		succeeds ADD web "$CLOSED | .attach = \"$attach\""
		lab ip link set v2 nomaster
		lab ip -n web link set eth0 name eth9
		lab ip -n web address flush dev eth9
		lab ip link set v2 name v9
		interface web eth0 2
		succeeds ADD web "$CLOSED | .attach = \"$attach\""
		within 2 is_detached v9
		is_attached v2
		succeeds CHECK web "$CLOSED"
		web_is_closed
		succeeds DEL web
		within 2 is_detached v2
		nothing_is_left
		lab ip link del v9
	done
}
