#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Pods of the distribution's containerd (Debian 12: 1.6), whose conflist is bridge, host-local and ringfence.
# Each behaviour is asked for with both ways to attach.

export CONTAINERD_SERIES=distribution
load pods.bash

@test "tcx: an allowed pod fetches a page over IPv4 and IPv6" { page_is_fetched; }
@test "tcx: a denied pod's connections time out" { denied_connections_time_out; }
@test "tcx: a port that no rule names is closed to the allowed pod too" { unnamed_port_is_closed; }
@test "tcx: the way back of a connection is not a way to open one" { server_opens_nothing; }
@test "tcx: a denied pod's datagrams do not arrive" { denied_datagrams_do_not_arrive; }
@test "tcx: 100 MB over TCP arrive whole" { payload_arrives tcp; }
@test "tcx: 100 MB over UDP arrive whole" { payload_arrives udp; }
@test "tcx: denials are counted, and reported as they happen" { denials_are_counted_and_reported; }
@test "tcx: a pod whose policy is refused does not start" { refused_policy_starts_no_pod; }
@test "tcx: nothing is left of pods that are gone" { nothing_is_left_of_pods; }

@test "clsact: an allowed pod fetches a page over IPv4 and IPv6" { page_is_fetched; }
@test "clsact: a denied pod's connections time out" { denied_connections_time_out; }
@test "clsact: a port that no rule names is closed to the allowed pod too" { unnamed_port_is_closed; }
@test "clsact: the way back of a connection is not a way to open one" { server_opens_nothing; }
@test "clsact: a denied pod's datagrams do not arrive" { denied_datagrams_do_not_arrive; }
@test "clsact: 100 MB over TCP arrive whole" { payload_arrives tcp; }
@test "clsact: 100 MB over UDP arrive whole" { payload_arrives udp; }
@test "clsact: denials are counted, and reported as they happen" { denials_are_counted_and_reported; }
@test "clsact: a pod whose policy is refused does not start" { refused_policy_starts_no_pod; }
@test "clsact: nothing is left of pods that are gone" { nothing_is_left_of_pods; }
