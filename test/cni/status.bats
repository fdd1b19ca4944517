#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# STATUS, and the ground that ADD stands on: bpffs, pins, capabilities. Each test has its own host.

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

@test "STATUS without bpffs is 50 and says how to mend it" {
	lab mount -t tmpfs tmpfs /sys/fs/bpf
	status_of
	was_failure 50
	says "mount -t bpf bpffs /sys/fs/bpf"
}

@test "STATUS without capabilities is 50" {
	status_of setpriv --bounding-set=-all --inh-caps=-all
	was_failure 50
}

@test "STATUS with a pin that is missing is 50" {
	lab rm "$PINS/maps/peers"
	status_of
	was_failure 50
	says "$PINS/maps/peers"
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

@test "ADD mounts bpffs where there is none" {
	pod web 2
	lab mount -t tmpfs tmpfs /sys/fs/bpf
	succeeds ADD web "$WEB_POLICY"
	succeeds CHECK web "$WEB_POLICY"
	expect "file system" bpf_fs "$(lab stat -f -c %T /sys/fs/bpf)"
}
