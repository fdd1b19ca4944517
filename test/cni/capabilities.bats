#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# The rights that the plugin is called with: what is missing is named, by ADD and by STATUS alike. Each test has its own host.

setup() {
	load helpers.bash
	load web.bash
	warm_host
	pod web 2
}

teardown() {
	stop_host
}

# without CAPABILITIES: a prefix for the plugin
without() {
	echo setpriv --bounding-set="$1" --inh-caps="$1"
}

# named CAPABILITIES TEXT: ADD and STATUS without them say the text
named() {
	local before prefix

	before=$(snapshot)
	read -ra prefix < <(without "$1")
	fails 107 ADD web "$WEB_POLICY" "${prefix[@]}"
	says "$2"
	fails 50 STATUS web '.cniVersion = "1.1.0"' "${prefix[@]}"
	says "$2"
	unchanged "$before"
}

@test "ADD and STATUS name the capability that is missing, and change nothing" {
	named -sys_admin "CAP_SYS_ADMIN is missing"
	named -net_admin "CAP_NET_ADMIN is missing"
	named -all "CAP_SYS_ADMIN and CAP_NET_ADMIN are missing"
}

@test "the same where nothing is loaded yet" {
	lab find /sys/fs/bpf/ringfence "$RUN" -depth -delete
	named -sys_admin "CAP_SYS_ADMIN is missing"
	named -net_admin "CAP_NET_ADMIN is missing"
	lab test ! -e "$RUN"
	lab test ! -e /sys/fs/bpf/ringfence
}

@test "CAP_SYS_ADMIN and CAP_NET_ADMIN are enough, from mounting bpffs to DEL, either way to attach" {
	local mode prefix

	read -ra prefix < <(without -all,+sys_admin,+net_admin)
	for mode in $(modes); do
		lab umount /sys/fs/bpf
		lab rm -r "$RUN"
		succeeds ADD web "$WEB_POLICY | .attach = \"$mode\"" "${prefix[@]}"
		is_attached v2
		succeeds CHECK web "$WEB_POLICY" "${prefix[@]}"
		succeeds STATUS web '.cniVersion = "1.1.0"' "${prefix[@]}"
		succeeds DEL web . "${prefix[@]}"
		within 2 is_detached v2
		lab test ! -e "$RUN/attachments/net"
	done
}

@test "root of a user namespace is told so" {
	local before

	before=$(snapshot)
	fails 107 ADD web "$WEB_POLICY" unshare --user --map-root-user
	says "in a user namespace"
	says "not rootless"
	fails 50 STATUS web '.cniVersion = "1.1.0"' unshare --user --map-root-user
	says "in a user namespace"
	unchanged "$before"
}

@test "CHECK that may not enter the pod's network namespace says what is missing" {
	local prefix

	read -ra prefix < <(without -sys_admin)
	succeeds ADD web "$WEB_POLICY"
	fails 8 CHECK web "$WEB_POLICY" "${prefix[@]}"
	says "Operation not permitted"
	says "CAP_SYS_ADMIN is missing"
}

@test "DEL that may not detach fails, says what is missing, and can be tried again" {
	local prefix before

	before=$(snapshot)
	read -ra prefix < <(without -net_admin)
	succeeds ADD web "$WEB_POLICY | .attach = \"clsact\""
	fails 104 DEL web . "${prefix[@]}"
	says "CAP_NET_ADMIN is missing"
	is_attached v2
	expect records 1 "$(lab find "$RUN/attachments" -type f | wc -l)"
	succeeds DEL web
	unchanged "$before"
}

@test "DEL removes what needs no more rights than it has: the pins of TCX links" {
	local prefix before

	needs_tcx
	before=$(snapshot)
	read -ra prefix < <(without -net_admin)
	succeeds ADD web "$WEB_POLICY | .attach = \"tcx\""
	succeeds DEL web . "${prefix[@]}"
	unchanged "$before"
}

@test "DEL of what was never added needs no rights" {
	local prefix

	read -ra prefix < <(without -all)
	lab find /sys/fs/bpf/ringfence "$RUN" -depth -delete
	succeeds DEL web . "${prefix[@]}"
}

@test "VERSION needs no rights" {
	local prefix

	read -ra prefix < <(without -all)
	call VERSION web "${prefix[@]}" unshare --user <<<'{"cniVersion": "1.0.0"}'
	expect "exit status" 0 "$status"
	expect version 1.0.0 "$(jq -r .cniVersion "$OUT")"
}

@test "a call that is refused in spite of all capabilities says where to look" {
	lab find /sys/fs/bpf/ringfence "$RUN" -depth -delete
	fails 102 ADD web "$WEB_POLICY" "${STRACE[@]}" -o /dev/null -e inject=bpf:error=EPERM
	says "Operation not permitted"
	says "seccomp"
}
