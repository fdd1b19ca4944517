#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2016 # what stands in single quotes is for the shell in the pod
#
# ICMP errors follow the flow that they are about, though the policy allows no ICMP: a pod (web) and a host (far) behind a router
# whose link there takes packets of 1400 bytes, while far says that it takes more.

setup() {
	load helpers.bash
	start_host
	pod web 2
	pod friend 3
	pod router 5
	lab_pod far
	route_to_far
}

teardown() {
	stop_host
}

route_to_far() {
	lab ip -n router -batch - <<-END
		link add far mtu 1400 type veth peer name eth0 netns far mtu 1400
		address add 10.89.0.1/24 dev far
		address add fd00:89::1/64 dev far nodad
		link set far up
	END
	lab ip -n far -batch - <<-END
		address add 10.89.0.2/24 dev eth0
		address add fd00:89::2/64 dev eth0 nodad
		link set eth0 up
		route add 10.88.0.0/24 via 10.89.0.1 advmss 1460
		route add fd00:88::/64 via fd00:89::1 advmss 1440
	END
	lab ip -n web -batch - <<-END
		route add 10.89.0.0/24 via 10.88.0.5
		route add fd00:89::/64 via fd00:88::5
	END
	in_pod router sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
}

FAR=(10.89.0.2 fd00:89::2)

# path_mtu ADDRESS: what web has learnt of the path there
path_mtu() {
	in_pod web ip route get "$1" | sed -n 's/.* mtu \([0-9]*\).*/\1/p'
}

# takes_all POD ADDRESS PORT: 300000 bytes get there and back
takes_all() {
	local count

	count=$(head -c 300000 /dev/zero | in_pod "$1" timeout 60 socat -t 30 - "TCP:$2:$3" | wc -c)
	expect "bytes from $2" 300000 "$count"
}

@test "what the pod sends finds the path's MTU on a connection that it has opened" {
	local address related=0

	serve far tcp 80
	succeeds ADD web "$(policy "$(allow 1 tcp 80)" egress) | .policy.ingress = {default: \"deny\"}"
	for address in "${FAR[@]}"; do
		expect "MTU known of $address" "" "$(path_mtu "$address")"
		takes_all web "${address/*:*/[$address]}" 80
		expect "MTU of the path to $address" 1400 "$(path_mtu "$address")"
		[ "$(packets web ingress related)" -gt "$related" ]
		related=$(packets web ingress related)
	done
}

@test "what the pod sends finds the path's MTU on a connection that the peer has opened" {
	local address related=0

	serve web tcp 80
	succeeds ADD web "$(policy "$(allow 1 tcp 80)") | .policy.egress = {default: \"deny\"}"
	for address in $(addresses web); do
		takes_all far "${address/*:*/[$address]}" 80
		[ "$(packets web ingress related)" -gt "$related" ]
		related=$(packets web ingress related)
	done
	for address in "${FAR[@]}"; do
		expect "MTU of the path to $address" 1400 "$(path_mtu "$address")"
	done
}

# Sends a datagram; succeeds if the answer is that nobody is there.
is_refused() { # POD ADDRESS PORT
	in_pod "$1" timeout 30 bash -c '
		exec 9<>"/dev/udp/$0/$1" || exit
		echo ping >&9
		read -r -t 20 _ <&9 2>&1
		echo ping >&9
	' "$2" "$3" 2>&1 | grep -q "Connection refused"
}

@test "the pod may say that nobody is at a port which the policy opens, and the peer that nobody is at its own" {
	local address

	succeeds ADD web "$(policy "$(allow 1 udp 53)") | .policy.egress = {rules: [$(allow 2 udp 53)]}"
	for address in $(addresses web); do
		is_refused friend "$address" 53
	done
	[ "$(packets web egress related)" -ge 2 ]
	for address in $(addresses friend); do
		is_refused web "$address" 53
	done
	[ "$(packets web ingress related)" -ge 2 ]
}

@test "a traceroute of the pod hears the router" {
	succeeds ADD web "$(policy "$(allow 1 udp 33434)" egress) | .policy.ingress = {default: \"deny\"}"
	echo probe | in_pod web socat - UDP4-DATAGRAM:10.89.0.2:33434,ip-ttl=1
	echo probe | in_pod web socat - "UDP6-DATAGRAM:[fd00:89::2]:33434,ipv6-unicast-hops=1"
	within 5 has_heard 2
}

has_heard() { # COUNT
	[ "$(packets web ingress related)" -ge "$1" ]
}
