#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# What a rule's qos does to real packets: sockets see the code point, queueing disciplines the priority. Each test has its own host.

setup() {
	load helpers.bash
	warm_host
	pod web 2
	pod friend 3
	for port in 53 54; do
		answer_with_code_points web "$port"
	done
	answer_with_code_points friend 53
}

teardown() {
	stop_host
}

# EF for what is asked of port 53 of web, AF41 for what web asks; nothing for the rest
MARKED='.policy = {
	ingress: {default: "allow", rules: [{id: 1, action: "allow", protocol: "udp", ports: ["53"], qos: {dscp: "EF", priorityClass: "1:10"}}]},
	egress: {default: "allow", rules: [{id: 2, action: "log", protocol: "udp", ports: ["53"], qos: {dscp: 34}}]}}'

answer_with_code_points() { # POD PORT
	in_pod "$1" python3 "$BATS_TEST_DIRNAME/code_point.py" serve "$2" 3>&- 4>&- &
	within 10 listens "$1" udp "$2"
}

# code_points POD ADDRESS PORT: of the datagram that the pod sends, and of the answer
code_points() {
	in_pod "$1" python3 "$BATS_TEST_DIRNAME/code_point.py" ask "$2" "$3"
}

marks() { # ATTACH
	succeeds ADD web "$MARKED | .attach = \"$1\""
	for address in $(addresses web); do
		expect "asked of web" "46 46" "$(code_points friend "$address" 53)"
		expect "asked of web elsewhere" "0 0" "$(code_points friend "$address" 54)"
	done
	for address in $(addresses friend); do
		expect "asked by web" "34 34" "$(code_points web "$address" 53)"
	done
}

@test "tcx: packets of a flow bear the code point of its rule, both ways" {
	needs_tcx
	marks tcx
}

@test "clsact: packets of a flow bear the code point of its rule, both ways" {
	marks clsact
}

# class_packets INTERFACE CLASS
class_packets() {
	lab tc -s class show dev "$1" | awk -v class="$2" '/^class/ { is = $3 == class } is && $1 == "Sent" { print $4 }'
}

@test "the class of a flow's rule is that of its packets, in queueing disciplines before and behind the pod" {
	for link in v2 v3; do
		lab tc qdisc add dev "$link" root handle 1: htb default 20 || skip "this kernel has no htb"
		for class in 10 20; do
			lab tc class add dev "$link" parent 1: classid "1:$class" htb rate 1gbit
		done
	done
	succeeds ADD web "$MARKED"
	code_points friend 10.88.0.2 54
	expect "unmarked to web" 0 "$(class_packets v2 1:10)"
	expect "unmarked from web" 0 "$(class_packets v3 1:10)"
	code_points friend 10.88.0.2 53
	expect "to web" 1 "$(class_packets v2 1:10)"
	expect "from web" 1 "$(class_packets v3 1:10)"
}
