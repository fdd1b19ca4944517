#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# The distribution's containerd (Debian 12: 1.6) in orders that surprise.

export CONTAINERD_SERIES=distribution
load order.bash

@test "a later plugin of the chain refuses the pod: the half-made chain is removed" { later_plugin_refuses; }
@test "a pod that takes too long is given up: the half-made chain is removed" { start_is_given_up; }
@test "eight pods are started at once" { started_at_once; }
@test "a pod that was added before ringfence was in the chain is removed with the others" { added_before_ringfence_was_there; }
@test "pods whose conflist has lost ringfence leave nothing for long" { removed_after_ringfence_has_left; }
@test "a sandbox is stopped and removed twice" { stops_and_removes_twice; }
@test "a sandbox is removed without being stopped" { removes_running_sandbox; }
@test "a pod whose pause process was killed stays protected until it is stopped" { pause_is_killed; }
@test "a pod whose network namespace is gone is removed with an empty CNI_NETNS" { namespace_is_gone; }
@test "a pod is added again under its name before the old one is removed" { same_name_overlaps; }
@test "containerd is killed while pods run: they stay protected, and are removed after it came back" { killed_while_pods_run; }
@test "containerd is killed while a pod is added: what it made is removed" { killed_while_a_pod_is_added; }
@test "the node reboots: pods of before are removed where there are no programs and maps" { node_reboots; }
