#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# GC removes what is not listed, of its network only. Each test has its own host.

setup() {
	load helpers.bash
	load web.bash
	warm_host
}

teardown() {
	stop_host
}

collect() { # VALID-ATTACHMENTS [NETWORK]
	call GC any CNI_CONTAINERID= CNI_NETNS= CNI_IFNAME= \
		<<<"{\"cniVersion\": \"1.1.0\", \"name\": \"${2:-net}\", \"cni.dev/valid-attachments\": $1}"
}

protect() { # NETWORK POD...
	local network=$1 name

	shift
	for name; do
		succeeds ADD "$name" "$WEB_POLICY | .name = \"$network\""
	done
}

@test "GC keeps what is listed, removes what is not, and never touches another network" {
	for name in a b c; do
		pod "$name" "1$((++number))"
	done
	interface a net1 20
	before=$(snapshot)
	protect other c
	others=$(snapshot)
	protect net a b
	IFNAME=net1 protect net a
	collect '[{"containerID": "a", "ifname": "net1"}, {"containerID": "b", "ifname": "eth0"}, {"containerID": "x", "ifname": "eth0"}]'
	was_success GC
	succeeds CHECK b "$WEB_POLICY"
	IFNAME=net1 succeeds CHECK a "$WEB_POLICY"
	fails 106 CHECK a "$WEB_POLICY"
	within 2 is_detached v11
	succeeds CHECK c "$WEB_POLICY | .name = \"other\""
	collect '[]'
	was_success GC
	unchanged "$others"
	collect '[]' other
	was_success GC
	unchanged "$before"
}

@test "GC with null, which is what Go makes of an empty list, removes all of the network" {
	pod web 2
	before=$(snapshot)
	protect net web
	collect null
	was_success GC
	unchanged "$before"
}

@test "GC without a list removes nothing: it refuses if there is something that it would have to judge" {
	pod web 2
	protect net web
	before=$(snapshot)
	call GC web <<<'{"cniVersion": "1.1.0", "name": "net"}'
	was_failure 6
	says cni.dev/valid-attachments
	unchanged "$before"
	succeeds DEL web
	call GC web <<<'{"cniVersion": "1.1.0", "name": "net"}'
	was_success GC
}

@test "GC with a list that is none, or has an entry that is none, is 6 and removes nothing" {
	pod web 2
	protect net web
	before=$(snapshot)
	for list in '{}' '"web"' '[{"containerID": "web"}]' '["web"]' '[{"containerID": 1, "ifname": "eth0"}]'; do
		collect "$list"
		was_failure 6
		says cni.dev/valid-attachments
		unchanged "$before"
	done
}

@test "GC continues past what it cannot read, and reports that" {
	pod a 2
	pod b 3
	protect net a b
	lab sh -c "echo broken >$RUN/attachments/net/a:eth0.json"
	collect '[]'
	was_failure 105
	says "a:eth0.json"
	lab test ! -e "$RUN/attachments/net/b:eth0.json"
	within 2 is_detached v3
}
