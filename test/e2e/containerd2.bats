#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Pods of a current containerd (2.x). What depends on the runtime is asked again: that pods start protected, are refused and
# leave nothing. How packets are judged does not depend on it, and is asked in containerd.bats: the transfers of 100 MB above all.

export CONTAINERD_SERIES=current
# shellcheck source=test/e2e/pods.bash
load pods.bash

@test "tcx: an allowed pod fetches a page over IPv4 and IPv6" { page_is_fetched; }
@test "tcx: a denied pod's connections time out" { denied_connections_time_out; }
@test "tcx: denials are counted, and reported as they happen" { denials_are_counted_and_reported; }
@test "tcx: a pod whose policy is refused does not start" { refused_policy_starts_no_pod; }
@test "tcx: nothing is left of pods that are gone" { nothing_is_left_of_pods; }

@test "tcx: the node's network is ready only while ringfence says so in STATUS" {
	cri wait --image "$IMAGE"
	on_host mv "$PINS/maps/pods" "$PINS/maps/elsewhere"
	run cri wait --image "$IMAGE" --seconds 0
	on_host mv "$PINS/maps/elsewhere" "$PINS/maps/pods"
	[ "$status" -ne 0 ] || fail "the runtime is ready"
	[[ $output == *NetworkReady*"$PINS/maps/pods"* ]] || fail "the reason is not told: $output"
	cri wait --image "$IMAGE"
}

@test "clsact: a denied pod's connections time out" { denied_connections_time_out; }
@test "clsact: nothing is left of pods that are gone" { nothing_is_left_of_pods; }
