#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Through libcni, as runtimes do it: the whole chain by cnitool.

setup() {
	load helpers.bash
	command -v cnitool >/dev/null || skip "cnitool could not be built (scripts/setup.sh test; it needs Go)"
	start_host
	lab_pod web
	lab_pod friend
	serve web tcp 80
	serve web tcp 81
}

teardown() {
	stop_host
}

# network VERSION: the conflist that cnitool finds
network() {
	jq -n --arg version "$1" '{
		cniVersion: $version, name: "tool",
		plugins: [
			{type: "bridge", bridge: "tool0", isGateway: true, ipam: {type: "host-local", ranges: [
				[{subnet: "10.87.0.0/24"}], [{subnet: "fd00:87::/64"}]]}},
			{type: "ringfence", policy: {ingress: {rules: [
				{id: 1, action: "allow", protocol: "tcp", ports: ["80"]}]}}}
		]}' >"$LAB_DIRECTORY/10-tool.conflist"
}

# tool VERB POD
tool() {
	lab env NETCONFPATH="$LAB_DIRECTORY" CNI_PATH="$RINGFENCE_DIRECTORY:$CNI_PLUGINS" \
		ASAN_OPTIONS="${ASAN_OPTIONS:-}" "$(command -v cnitool)" "$1" tool "/run/netns/$2"
}

has_verb() {
	tool help web 2>&1 | grep -q "cnitool $1"
}

for_version() { # VERSION CHECK?
	network "$1"
	tool add friend >"$BATS_TEST_TMPDIR/friend"
	tool add web >"$BATS_TEST_TMPDIR/web"
	expect version "$1" "$(jq -r .cniVersion "$BATS_TEST_TMPDIR/web")"
	address=$(jq -r '.ips[0].address | sub("/.*"; "")' "$BATS_TEST_TMPDIR/web")
	reaches friend tcp "$address" 80
	reaches_not friend tcp "$address" 81
	"${2:-true}"
	tool del web
	tool del friend
	expect records 0 "$(lab find "$RUN/attachments" -type f | wc -l)"
	expect pods 0 "$(map_size pods)"
}

checks() {
	tool check web
	lab find "$PINS/links" -type f -delete
	run ! tool check web
	[[ $output == *"is not attached"* ]]
}

@test "add and del with cniVersion 0.3.1" {
	for_version 0.3.1
}

@test "add, check and del with cniVersion 0.4.0" {
	for_version 0.4.0 checks
}

@test "add, check and del with cniVersion 1.0.0" {
	for_version 1.0.0 checks
}

@test "del twice, and of a pod that was never added, succeeds" {
	network 1.0.0
	tool add web
	tool del web
	tool del web
	tool del friend
}
