#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# The node is a router that tracks connections: it reassembles what it forwards, and makes fragments of its own of it. They are
# not the node's own packets.

setup() {
	load helpers.bash
	start_host
	pod web 2
	lab_pod far
	lab ip -batch - <<-END
		link add far type veth peer name eth0 netns far
		address add fd00:89::1/64 dev far nodad
		link set far up
	END
	lab ip -n far -batch - <<-END
		address add fd00:89::2/64 dev eth0 nodad
		link set eth0 up
		route add fd00:88::/64 via fd00:89::1
	END
	lab ip -n web route add fd00:89::/64 via fd00:88::1
	lab sysctl -qw net.ipv6.conf.all.forwarding=1
	lab ip6tables -A FORWARD -m conntrack --ctstate INVALID -j DROP
}

teardown() {
	stop_host
}

is_judged() {
	[ "$(($(packets web ingress default-deny) + $(packets web ingress session)))" -ge 1 ]
}

@test "what is forwarded to a pod in fragments that the node has made is judged by the policy" {
	succeeds ADD web "$(policy "$(allow 1 tcp 80)")"
	in_pod far ping -6 -c 1 -W 30 fd00:89::1
	in_pod far python3 "$BATS_TEST_DIRNAME/refragment.py" fd00:89::2 fd00:88::2
	within 5 is_judged
	expect "first fragments that the policy denied" 1 "$(packets web ingress default-deny)"
	expect "later fragments that passed" 0 "$(packets web ingress session)"
}

@test "what the node itself sends in fragments reaches the pod" {
	serve web udp 53
	succeeds ADD web "$(policy "$(allow 1 tcp 80)")"
	within 5 comes_back 4000
}

# Who waits for an answer gets it before its time is over, or asks again.
comes_back() { # BYTES
	[ "$(head -c "$1" /dev/zero | lab timeout 10 socat -t 2 -b 8192 - "UDP6:[fd00:88::2]:53" | wc -c)" = "$1" ]
}
