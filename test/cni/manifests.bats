#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The example conflists: each is what it says, its ringfence entry is accepted, and those whose plugins are here work.

setup() {
	ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	RINGFENCE=${RINGFENCE:-$ROOT/build/ringfence}
	# shellcheck disable=SC2034 # scripts/lab.sh uses it
	RINGFENCE_DIRECTORY=$(dirname "$RINGFENCE")
	# shellcheck source=scripts/lab.sh
	. "$ROOT/scripts/lab.sh"
}

teardown() {
	lab_stop
}

# accepts CONFLIST: without a prevResult the configuration is read to its end, and only that is missed.
accepts() {
	local configuration

	configuration=$(jq '(.plugins[] | select(.type == "ringfence")) + {name, cniVersion}' "$1")
	run env CNI_COMMAND=ADD CNI_CONTAINERID=a CNI_NETNS=/proc/1/ns/net CNI_IFNAME=eth0 "$RINGFENCE" <<<"$configuration"
	echo "$output"
	[ "$status" = 1 ]
	[[ $output == *'"prevResult is missing"'* ]]
}

# works CONFLIST: a pod is added by it, is protected, and goes without a trace.
works() {
	lab_start
	lab_pod pod
	chain ADD pod "$1"
	[ "$(lab find /run/ringfence/attachments -type f | wc -l)" = 1 ]
	chain DEL pod "$1"
	[ "$(lab find /run/ringfence/attachments -type f | wc -l)" = 0 ]
}

@test "every example conflist is JSON with a cniVersion, a name and ringfence as its last plugin" {
	for conflist in "$ROOT"/manifests/*.conflist; do
		echo "$conflist"
		jq -e '.cniVersion == "1.0.0" and (.name | length) > 0 and .plugins[-1].type == "ringfence"' "$conflist"
	done
}

@test "the bridge example's policy is accepted" {
	accepts "$ROOT/manifests/10-bridge.conflist"
}

@test "the ptp example's policy is accepted" {
	accepts "$ROOT/manifests/10-ptp.conflist"
}

@test "the flannel example's policy is accepted" {
	accepts "$ROOT/manifests/10-flannel.conflist"
}

@test "the AWS VPC CNI example's policy is accepted" {
	accepts "$ROOT/manifests/10-aws.conflist"
}

@test "the bridge example adds and removes a pod" {
	works "$ROOT/manifests/10-bridge.conflist"
}

@test "the ptp example adds and removes a pod" {
	works "$ROOT/manifests/10-ptp.conflist"
}
