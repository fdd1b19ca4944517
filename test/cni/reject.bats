#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2030,SC2031 # each test has its own `before`
#
# What programs see of a rule that rejects: their call fails at once, with an error that says so. Everything that is rejected here would be
# answered without ringfence.

setup() {
	load helpers.bash
	warm_host
	pod web 2
	pod friend 3
	for name in web friend; do
		serve "$name" tcp 80
		serve "$name" udp 53
	done
}

teardown() {
	stop_host
}

# web with rules that reject, in both directions; the node is a peer like any other.
REJECT='.hostAccess = "policy" | .policy = {
	ingress: {default: "allow", rules: [{id: 1, action: "reject", protocol: "tcp", ports: ["80"]}, {id: 2, action: "reject", protocol: "udp"}]},
	egress: {default: "allow", rules: [{id: 3, action: "reject", protocol: "tcp", ports: ["80"]}, {id: 4, action: "reject", protocol: "udp"}]}}'

reject_by() { # MODE
	succeeds ADD web "$REJECT | .attach = \"$1\""
}

# attempt POD tcp|udp ADDRESS PORT; the pod "host" is the host
attempt() {
	local script=$BATS_TEST_DIRNAME/attempt.py

	if [ "$1" = host ]; then
		lab python3 "$script" "${@:2}"
	else
		in_pod "$1" python3 "$script" "${@:2}"
	fi
}

# attempts FROM TO ERROR-OF-TCP ERROR-OF-UDP-OVER-IPV4 ERROR-OF-UDP-OVER-IPV6
attempts() {
	local v4 v6

	{ read -r v4 && read -r v6; } < <(addresses "$2")
	expect "$1 to $2, TCP over IPv4" "$3" "$(attempt "$1" tcp "$v4" 80)"
	expect "$1 to $2, TCP over IPv6" "$3" "$(attempt "$1" tcp "$v6" 80)"
	expect "$1 to $2, UDP over IPv4" "$4" "$(attempt "$1" udp "$v4" 53)"
	expect "$1 to $2, UDP over IPv6" "$5" "$(attempt "$1" udp "$v6" 53)"
}

are_refused() { # FROM TO
	attempts "$1" "$2" ECONNREFUSED EHOSTUNREACH EACCES
}

are_answered() { # FROM TO
	attempts "$1" "$2" answered answered answered
}

@test "a pod that may not is refused, by either way to attach" {
	are_answered web friend
	for mode in $(modes); do
		reject_by "$mode"
		are_refused web friend
		expect "replies to web" 4 "$(packets web ingress reject-reply)"
		succeeds DEL web
	done
}

@test "who may not reach a pod is refused, by either way to attach" {
	are_answered friend web
	for mode in $(modes); do
		reject_by "$mode"
		are_refused friend web
		expect "replies for web" 4 "$(packets web egress reject-reply)"
		succeeds DEL web
	done
}

@test "the host itself is refused, by either way to attach" {
	are_answered host web
	for mode in $(modes); do
		reject_by "$mode"
		are_refused host web
		succeeds DEL web
	done
}

# To friend the reset is what answers its flow.
@test "the reset of one pod passes the policy of another" {
	local address

	reject_by auto
	succeeds ADD friend '.policy = {ingress: {default: "deny"}}'
	for address in $(addresses web); do
		expect "friend to $address" ECONNREFUSED "$(attempt friend tcp "$address" 80)"
	done
	expect "packets that friend has let in" 2 "$(packets friend ingress session)"
}

@test "a ping is refused" {
	local address

	succeeds ADD web '.policy = {ingress: {rules: [{id: 1, action: "reject"}]}}'
	for address in $(addresses web); do
		run in_pod friend ping -c 1 -W 30 "$address"
		expect "ping's exit status for $address" 1 "$status"
		[[ $output == *"Packet filtered"* || $output == *"Administratively prohibited"* ]] || fail "$output"
	done
}

# Where a device does not compute checksums, the kernel does it for packets that still need it: one that kept the place where the request's
# checksum belonged would be spoilt there.
@test "a reply to a sender with checksum offload is right when it leaves through a device without it" {
	reject_by auto
	without_offload v3
	are_refused friend web
}

# without_offload LINK: ETHTOOL_STXCSUM 0
without_offload() {
	lab python3 -c '
import ctypes, fcntl, socket, struct, sys
value = ctypes.create_string_buffer(struct.pack("II", 0x17, 0))
request = struct.pack("16sP", sys.argv[1].encode(), ctypes.addressof(value))
fcntl.ioctl(socket.socket(), 0x8946, request)' "$1"
}

@test "a pod that is reached by a route, not by a bridge, refuses and is refused" {
	reject_by auto
	lab ip link set v2 nomaster
	lab ip route add 10.88.0.2 dev v2
	lab sysctl -qw net.ipv4.conf.v2.proxy_arp=1 net.ipv4.conf.rf0.proxy_arp=1 net.ipv4.conf.rf0.send_redirects=0
	in_pod friend ip neigh flush all
	in_pod web ip neigh flush all
	expect "friend to web" ECONNREFUSED "$(attempt friend tcp 10.88.0.2 80)"
	expect "friend to web, UDP" EHOSTUNREACH "$(attempt friend udp 10.88.0.2 53)"
	expect "host to web" ECONNREFUSED "$(attempt host tcp 10.88.0.2 80)"
	expect "web to friend" ECONNREFUSED "$(attempt web tcp 10.88.0.3 80)"
	expect "web to friend, UDP" EHOSTUNREACH "$(attempt web udp 10.88.0.3 53)"
}

# The sender's packets are large ones, which its device was to cut up.
@test "a connection at full speed is reset when policy begins to reject it" {
	local address sender before reject=${REJECT//\"80\"/\"9000\"}

	# One that only takes: who sends back at full speed waits for a reader that waits for it.
	in_pod web socat -u TCP6-LISTEN:9000,fork,reuseaddr,ipv6only=0 OPEN:/dev/null 3>&- 4>&- &
	within 10 listens web tcp 9000
	succeeds ADD web '.policy = {}'
	for address in $(addresses web); do
		before=$(packets web ingress session)
		in_pod friend python3 -c '
import socket, sys
connection = socket.create_connection((sys.argv[1], 9000), timeout=60)
try:
    while True:
        connection.send(bytes(1 << 16))
except (ConnectionResetError, BrokenPipeError):
    pass
' "$address" 3>&- 4>&- &
		sender=$!
		within 10 has_sent_much
		succeeds ADD web "$reject"
		wait "$sender"
		succeeds ADD web '.policy = {}'
	done
}

has_sent_much() {
	(($(packets web ingress session) > before + 1000))
}
