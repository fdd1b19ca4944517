#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# What TCP of a real kernel does beyond a plain connection passes, and ends in one session.

setup() {
	load helpers.bash
	warm_host
	pod web 2
	pod friend 3
	serve web tcp 80
	serve_once web 8080
	succeeds ADD web "$(policy "$(allow 1 tcp 80 10.88.0.3), $(allow 2 tcp 8080 10.88.0.3)") | .policy.egress = {default: \"deny\"}"
}

# serve_once POD PORT: answers once and ends the connection itself, so that TIME_WAIT is on its side
serve_once() {
	in_pod "$1" python3 -c '
import socket, sys
server = socket.create_server(("", int(sys.argv[1])))
server.setsockopt(socket.IPPROTO_TCP, socket.TCP_FASTOPEN, 16)
while True:
	connection = server.accept()[0]
	connection.sendall(connection.recv(100))
	connection.close()' "$2" 3>&- 4>&- &
	within 10 listens "$1" tcp "$2"
}

teardown() {
	stop_host
}

# client SCRIPT: python3 in the pod friend, with what the scripts share
client() {
	in_pod friend timeout 100 python3 -c '
import socket
def open_from(port):
	client = socket.socket()
	client.settimeout(40)
	client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
	client.bind(("", port))
	return client
def asked(client):
	client.sendall(b"ping")
	return client.recv(100)
'"$1"
}

nothing_was_refused() {
	run -0 ctl stats
	[[ $output != *tcp-state* && $output != *default-deny* ]]
}

# sessions_are COUNT STATE: the pod has so many in that state, and no others
sessions_are() {
	local list

	list=$(ctl session list default/web | grep default/web)
	[ "$(wc -l <<<"$list")" = "$1" ] && [ "$(grep -c " $2 " <<<"$list")" = "$1" ]
}

@test "a port is used again while the server keeps it in TIME_WAIT" {
	client '
for i in range(3):
	client = open_from(5000)
	client.connect(("10.88.0.2", 8080))
	assert asked(client) == b"ping"
	assert client.recv(1) == b""
	client.close()'
	within 5 sessions_are 1 time-wait
	nothing_was_refused
}

@test "a client that was lost without a word connects again from the same port" {
	client '
TCP_REPAIR = 19
client = open_from(5000)
client.connect(("10.88.0.2", 80))
assert asked(client) == b"ping"
client.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
client.close()
client = open_from(5000)
client.connect(("10.88.0.2", 80))
assert asked(client) == b"ping"
client.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)'
	within 5 sessions_are 1 established
	nothing_was_refused
}

@test "data comes with the SYN (TCP fast open)" {
	in_pod web sysctl -qw net.ipv4.tcp_fastopen=3
	in_pod friend sysctl -qw net.ipv4.tcp_fastopen=3
	client '
TCPI_OPT_SYN_DATA = 32
for i in range(2):
	client = open_from(5000 + i)
	client.setblocking(True)
	client.sendto(b"ping", socket.MSG_FASTOPEN, ("10.88.0.2", 8080))
	assert client.recv(100) == b"ping"
	options = client.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 8)[5]
	client.close()
assert options & TCPI_OPT_SYN_DATA'
	within 5 sessions_are 2 time-wait
	nothing_was_refused
}
