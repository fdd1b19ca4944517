#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# ringfencectl monitor: a line for each packet that is denied and for each flow that a rule logs, as it happens.

setup() {
	load helpers.bash
	warm_host
	seen=$BATS_TEST_TMPDIR/lines
	mark=2000
}

teardown() {
	stop_host
}

# rule ID ACTION PORT [LOG]: of TCP
rule() {
	jq -cn --argjson id "$1" --arg action "$2" --arg port "$3" --argjson log "${4:-false}" \
		'{id: $id, action: $action, protocol: "tcp", ports: [$port], log: $log}'
}

# web_and_friend RULES: web lets through what the rules allow; friend is not restricted.
web_and_friend() {
	pod web 2
	pod friend 3
	serve web tcp 80
	succeeds ADD web "$(policy "$1")"
	succeeds ADD friend
}

# It is at work when it prints what is denied now.
start_monitor() {
	lab timeout 60 "$RINGFENCE_DIRECTORY/ringfencectl" monitor >"$seen" 3>&- 4>&- &
	within 10 sees_a_mark
}

sees_a_mark() {
	send 2000
	grep -q ':2000: ' "$seen"
}

# signal NAME: to the monitor
signal() {
	lab kill -s "$1" "$(lab pgrep -x ringfencectl)"
}

# send PORT: a datagram of friend to web, which denies it
send() {
	# shellcheck disable=SC2016 # for the shell in the pod
	in_pod friend bash -c 'echo >"/dev/udp/10.88.0.2/$0"' "$1"
}

# What has happened up to now is in $seen when this returns.
catch_up() {
	mark=$((mark + 1))
	send $mark
	within 10 grep -q ":$mark: default-deny$" "$seen"
}

@test "a line for a denied packet, with pod, addresses, ports, reason and rule" {
	web_and_friend "$(rule 7 deny 81)"
	start_monitor
	reaches_not friend tcp 10.88.0.2 81
	reaches_not friend tcp fd00:88::2 82
	catch_up
	time='[0-2][0-9]:[0-5][0-9]:[0-6][0-9]\.[0-9]{3}'
	grep -qE "^$time deny default/web ingress tcp 10\.88\.0\.3:[0-9]+ > 10\.88\.0\.2:81: rule-deny 7$" "$seen"
	grep -qE "^$time deny default/web ingress tcp \[fd00:88::3]:[0-9]+ > \[fd00:88::2]:82: default-deny$" "$seen"
}

@test "what was denied before it began is no news" {
	web_and_friend ""
	send 1999
	start_monitor
	run ! grep ':1999: ' "$seen"
}

@test "it ends after as many lines as it was asked for" {
	web_and_friend ""
	lab timeout 20 "$RINGFENCE_DIRECTORY/ringfencectl" monitor 2 >"$seen" 3>&- 4>&- &
	monitor=$!
	within 10 sees_two_marks
	wait "$monitor"
	expect lines 2 "$(wc -l <"$seen")"
}

sees_two_marks() {
	send 2000
	[ "$(grep -c ':2000: ' "$seen")" -ge 2 ]
}

@test "a line when a flow begins that a rule logs, and none for the rest of it" {
	web_and_friend "$(rule 8 log 80), $(rule 9 allow 81 true), $(rule 10 allow 82)"
	start_monitor
	for port in 80 81 82; do
		[ $port = 80 ] || serve web tcp $port
		dial live$port friend 10.88.0.2 $port
		exchange live$port
		exchange live$port
	done
	catch_up
	run -0 grep ' log ' "$seen"
	expect lines 2 "${#lines[@]}"
	[[ ${lines[0]} == *" log default/web ingress tcp 10.88.0.3:"*" > 10.88.0.2:80: rule-allow 8" ]]
	[[ ${lines[1]} == *" log default/web ingress tcp 10.88.0.3:"*" > 10.88.0.2:81: rule-allow 9" ]]
}

@test "what a rule with log denies is a denied packet" {
	web_and_friend "$(rule 9 deny 81 true)"
	start_monitor
	reaches_not friend tcp 10.88.0.2 81
	catch_up
	grep -q ' deny default/web ingress tcp .*:81: rule-deny 9$' "$seen"
	run ! grep ' log ' "$seen"
}

@test "in mode audit, a line for each flow that would be denied, which passes; in mode enforce again it is denied" {
	web_and_friend "$(rule 7 deny 80)"
	succeeds ADD web "$(policy "$(rule 7 deny 80)") | .mode = \"audit\""
	start_monitor
	dial live friend 10.88.0.2 80
	exchange live
	exchange live
	catch_up
	run -0 grep ':80: ' "$seen"
	expect lines 1 "${#lines[@]}"
	[[ $output == *" audit default/web ingress tcp 10.88.0.3:"*" > 10.88.0.2:80: rule-deny 7" ]]
	run -0 ctl session list default/web
	[[ $output == *" > 10.88.0.2:80 "*" audit, rule 7 "* ]]
	expect reported 1 "$(packets web ingress rule-deny)"

	succeeds ADD web "$(policy "$(rule 7 deny 80)")"
	run ! exchange live
	catch_up
	grep -q ' deny default/web .*10\.88\.0\.3:.*10\.88\.0\.2:80.*: rule-deny 7$' "$seen"
}

@test "denied packets and flows come in the order in which they happened" {
	web_and_friend "$(rule 8 log 80)"
	start_monitor
	# They are in two rings, and wait there.
	signal STOP
	for i in 1 2 3 4 5; do
		reaches friend tcp 10.88.0.2 80
		send $((3000 + i))
	done
	signal CONT
	catch_up
	expect order "log deny log deny log deny log deny log deny" \
		"$(grep -E ':(80|300[1-5]): ' "$seen" | awk '{ print $2 }' | paste -sd ' ')"
}

@test "a fragment whose ports are not known is shown without" {
	web_and_friend ""
	start_monitor
	# An IPv4 header of its own: protocol 17, offset 1480; the kernel fills in length and checksum.
	in_pod friend /usr/bin/python3 -c 'import socket
header = bytes([0x45, 0, 0, 0, 0, 1, 0, 185, 64, 17, 0, 0, 10, 88, 0, 3, 10, 88, 0, 2])
socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW).sendto(header + bytes(32), ("10.88.0.2", 0))'
	catch_up
	grep -q ' deny default/friend egress udp 10.88.0.3 > 10.88.0.2: fragment$' "$seen"
}

@test "stats tells how many events of a pod were beyond the rate" {
	web_and_friend ""
	run -0 ctl stats web
	[[ $output != *"events beyond the rate"* ]]
	in_pod friend /usr/bin/python3 -c 'import socket
friend = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for _ in range(20000):
    friend.sendto(b"", ("10.88.0.2", 2000))'
	expect denied 20000 "$(packets web ingress default-deny)"
	run -0 ctl stats web
	[[ $output =~ "default/web: "([1-9][0-9]*)" deny events beyond the rate, 0 that nobody read in time" ]]
	((BASH_REMATCH[1] < 20000))
	run -0 ctl stats friend
	[[ $output != *"events beyond the rate"* ]]
}
