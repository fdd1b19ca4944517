#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# ringfencectl monitor: a line for each packet that is denied and for each flow that a rule logs, as it happens.

setup() {
	load helpers.bash
	load terminal.bash
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

# It is at work when it prints what is denied now, which its options must let pass.
start_monitor() { # OPTION...
	lab timeout --foreground -k 10 300 "$RINGFENCE_DIRECTORY/ringfencectl" monitor "$@" >"$seen" 2>"$seen.err" 3>&- 4>&- &
	monitor=$!
	within 10 sees_a_mark
}

sees_a_mark() {
	send 2000
	grep -qE ':2000: |"port":2000' "$seen"
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
	within 10 grep -qE ":$mark: default-deny( \(web\))?$" "$seen"
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
	lab timeout --foreground -k 10 120 "$RINGFENCE_DIRECTORY/ringfencectl" monitor --count 2 >"$seen" 3>&- 4>&- &
	ending=$!
	within 10 sees_marks 2
	wait "$ending"
	expect lines 2 "$(wc -l <"$seen")"
}

sees_marks() { # COUNT
	send 2000
	[ "$(grep -c ':2000: ' "$seen")" -ge "$1" ]
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
	[[ $output == *" 10.88.0.2:80 "*" audit, rule 7 "* ]]
	expect reported 1 "$(packets web ingress rule-deny)"

	succeeds ADD web "$(policy "$(rule 7 deny 80)")"
	is_cut live
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
for _ in range(10000):
    friend.sendto(b"", ("10.88.0.2", 2000))'
	expect denied 10000 "$(packets web ingress default-deny)"
	run -0 ctl stats web
	[[ $output =~ "default/web: "([1-9][0-9]*)" deny events beyond the rate, 0 that nobody read in time" ]]
	((BASH_REMATCH[1] < 10000))
	run -0 ctl stats friend
	[[ $output != *"events beyond the rate"* ]]
}

@test "the policy's name stands behind the rule" {
	web_and_friend "$(rule 7 deny 81)"
	succeeds ADD web "$(policy "$(rule 7 deny 81)") | .policy.name = \"web\""
	start_monitor
	reaches_not friend tcp 10.88.0.2 81
	catch_up
	grep -qE ' deny default/web ingress tcp .*:81: rule-deny 7 \(web\)$' "$seen"
}

@test "filters choose by pod, peer, port, protocol, verdict, reason, rule and direction" {
	web_and_friend "$(rule 7 deny 81), $(rule 8 log 80)"
	while read -r options; do
		# shellcheck disable=SC2086 # words
		shows_port 81 60 $options || fail "$options does not show it"
	done <<-END
		--pod default/web
		--peer 10.88.0.3/32
		--port 81
		--port 81 --protocol tcp
		--verdict deny --rule 7
		--verdict deny,audit --port 81
		--reason rule-deny,spoofed
		--rule 7
		--direction ingress --port 80-81 --verdict deny
	END
	for options in "--pod default/friend" "--peer fd00::/8" "--port 82" "--protocol udp --port 81" "--verdict audit" "--reason spoofed" \
		"--rule 9" "--direction egress"; do
		# shellcheck disable=SC2086 # words
		! shows_port 81 1.5 $options || fail "$options shows it"
	done
	shows_port 80 60 --verdict log --rule 8
}

# In the foreground, as timeout(1) else sends SIGCONT too, by which LeakSanitizer, which stops the process when it ends, may hang.
# shows_port PORT SECONDS OPTION...: succeeds if a connection of friend to that port of web is shown in that time
shows_port() {
	local port=$1 process

	lab timeout --foreground -k 10 "$2" "$RINGFENCE_DIRECTORY/ringfencectl" monitor "${@:3}" --count 1 >"$seen" 2>/dev/null 3>&- 4>&- &
	process=$!
	while kill -0 "$process" 2>/dev/null; do
		in_pod friend socat -u /dev/null "TCP:10.88.0.2:$port,connect-timeout=0.05" 2>/dev/null || true
	done
	wait "$process" || true
	grep -q ":$port: rule-" "$seen"
}

@test "at the end it says how many there were, and what cannot be read is refused with exit status 2" {
	web_and_friend ""
	for words in "1 event" "2 events"; do
		lab timeout --foreground -k 10 120 "$RINGFENCE_DIRECTORY/ringfencectl" monitor --count "${words% *}" --port 2000 >"$seen" 2>"$seen.err" 3>&- 4>&- &
		wait_for=$!
		within 10 sees_marks "${words% *}"
		wait "$wait_for"
		expect end "ringfencectl: $words, 0 lost" "$(<"$seen.err")"
	done
	for words in "--count 0" "--verdict pass" "--reason none" "--peer x" "0" "--direction up"; do
		# shellcheck disable=SC2086 # words
		run -2 ctl monitor $words
	done
}

@test "--json is an object a line, with everything that is known" {
	web_and_friend "$(rule 7 deny 81)"
	succeeds ADD web "$(policy "$(rule 7 deny 81)") | .policy.name = \"web\""
	start_monitor --json
	reaches_not friend tcp 10.88.0.2 81
	within 10 grep -q '"port":81}' "$seen"
	event=$(grep -m 1 '"port":81}' "$seen")
	expect event "deny rule-deny 7 web default/web web ingress ingress tcp 10.88.0.2 81 10.88.0.3 SYN 0x0800" "$(jq -r '"\(.verdict) \(.reason) \(.rule) " +
		"\(.policy) \(.pod) \(.container) \(.direction) \(.opener) \(.protocol) \(.podEnd.address) \(.podEnd.port) \(.peerEnd.address) " +
		"\(.tcpFlags | join("+")) \(.etherType)"' <<<"$event")"
	jq -e '(.time | test("^20[0-9-]*T[0-9:]*[.][0-9]{9}Z$")) and (.monotonicNanoseconds > 0) and .length >= 54 and
		(.packet | test("^[0-9a-f]+$")) and (.packet | length) == 2 * .length' <<<"$event"
	seconds=$(date -u -d "$(jq -r .time <<<"$event")" +%s)
	((EPOCHSECONDS - seconds >= 0 && EPOCHSECONDS - seconds < 300))
}

@test "a second monitor is refused, as each event is read once; when the first has ended it is not" {
	web_and_friend ""
	start_monitor
	run -1 ctl monitor --count 1
	[[ $output == *"another monitor reads the events of this node"*"each event is read once"* ]]
	signal TERM
	wait "$monitor"
	start_monitor
	signal INT
	wait "$monitor"
}

@test "events that are lost are told of when it happens, and at the end" {
	local begun shown lost denied

	web_and_friend ""
	start_monitor
	begun=$(packets web ingress default-deny)
	in_pod friend /usr/bin/python3 -c 'import socket
friend = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for _ in range(10000):
    friend.sendto(b"", ("10.88.0.2", 2001))'
	within 10 grep -q 'lost [1-9][0-9]* deny events beyond the rate, 0 that were not read in time' "$seen.err"
	signal TERM
	wait "$monitor"
	read -r _ shown _ lost _ < <(tail -n 1 "$seen.err")
	expect shown "$(wc -l <"$seen")" "$shown"
	# Some may have come before it began.
	denied=$(packets web ingress default-deny)
	((denied >= shown + lost && denied <= shown + lost + begun)) || fail "$denied were denied, $shown are shown, $lost lost"
}

@test "what a later pod loses that has the id of the watched one is not that one's" {
	web_and_friend ""
	id=$(record_value web podId)
	start_monitor --pod default/web
	ctl settings deny-events-per-second=1
	succeeds DEL web
	pod next 4
	succeeds ADD next "$(policy "")"
	expect "id of the next pod" "$id" "$(record_value next podId)"
	# shellcheck disable=SC2016 # for the shell in the pod
	in_pod friend bash -c 'for i in {1..50}; do echo >/dev/udp/10.88.0.4/2001; done'
	within 5 loses_events next
	signal TERM
	wait "$monitor"
	[[ $(tail -n 1 "$seen.err") == *", 0 lost" ]] || fail "$(<"$seen.err")"
}

loses_events() { # POD
	[ "$(ctl stats "default/$1" --json | jq '.[0].eventsLost.denies.beyondRate')" -gt 10 ]
}

@test "it ends when nobody reads it any more, so that another one can" {
	web_and_friend ""
	# shellcheck disable=SC2016 # for the shell in the lab
	lab bash -c '
		mkfifo /run/pipe
		exec 9<>/run/pipe 8>/run/pipe
		"$0" monitor >&8 9<&- &
		sleep 1
		kill -0 $! || exit
		exec 8>&- 9<&-
		for ((step = 0; step < 600; step++)); do
			kill -0 $! 2>/dev/null || exit 0
			sleep 0.1
		done
		kill $!
		exit 1
	' "$RINGFENCE_DIRECTORY/ringfencectl" 3>&- 4>&- || fail "it goes on"
	start_monitor
}

@test "colours are on a terminal only, and not with NO_COLOR" {
	web_and_friend ""
	terminal 150 12
	for words in "'$RINGFENCE_DIRECTORY/ringfencectl'" "NO_COLOR=1 '$RINGFENCE_DIRECTORY/ringfencectl'"; do
		type_line "clear; $words monitor --port 2000 --count 2"
		if [[ $words == NO_COLOR* ]]; then
			within 10 shows_two ' deny default/web ' || fail "$(screen)"
		else
			within 10 shows_two $'\033\\[31mdeny' || fail "$(screen)"
		fi
	done
	start_monitor
	run ! grep -q $'\033' "$seen"
}

shows_two() { # REGULAR-EXPRESSION: two lines of it, and the end behind them; no others, which are there until the screen is cleared
	local shown

	send 2000
	shown=$(tmux_lab capture-pane -p -e)
	grep -q "2 events, 0 lost" <<<"$shown" && [ "$(grep -c -- "$1" <<<"$shown")" = 2 ] && [ "$(grep -c 'default-deny' <<<"$shown")" = 2 ]
}
