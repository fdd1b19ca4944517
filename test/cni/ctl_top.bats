#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# ringfencectl top: rates by pod, on a terminal (tmux) and without one.

setup() {
	load helpers.bash
	load terminal.bash
	warm_host
	pod web 2
	pod friend 3
	pod idle 4
	for name in web friend idle; do
		succeeds ADD $name
	done
}

teardown() {
	stop_host
}

# Ten times as many from friend to web as from web to idle.
traffic() {
	in_pod friend ping -q -i 0.01 -s 1000 10.88.0.2 >/dev/null 3>&- 4>&- &
	in_pod web ping -q -i 0.1 -s 1000 10.88.0.4 >/dev/null 3>&- 4>&- &
}

@test "without a terminal it prints a table for each look, the busiest pod first, and no colours" {
	traffic
	run -0 ctl top --count 2
	expect heads 2 "$(grep -cE '^[0-2][0-9]:[0-5][0-9]:[0-6][0-9]  3 pods, every 1 s, by packets$' <<<"$output")"
	expect order "default/web default/friend default/idle default/web default/friend default/idle" \
		"$(awk '/^default/ { print $1 }' <<<"$output" | xargs)"
	[[ $output != *$'\033'* ]]
	last=$(tail -n 4 <<<"$output")
	read -r _ interface in out bits _ denies new sessions < <(grep '^default/web' <<<"$last")
	expect interface v2 "$interface"
	# At most 100 of friend's requests, and 10 answers of idle, of 1042 bytes; the other way round the same.
	((in >= 25 && in <= 130 && out >= 25 && out <= 130)) || fail "$output"
	[[ $bits =~ ^([2-9][0-9][0-9]k|1\.[0-2]M)$ ]] || fail "$output"
	expect "denies, new flows, sessions" "0 0 2" "$denies $new $sessions"
}

@test "it can be sorted by denies and by new flows, and tells the directions apart" {
	succeeds ADD web "$(policy "")"
	in_pod friend ping -q -i 0.01 10.88.0.4 >/dev/null 3>&- 4>&- &
	# shellcheck disable=SC2016 # for the shell in the pod
	in_pod idle bash -c 'for i in {1..3000}; do echo >"/dev/udp/10.88.0.2/$((2000 + i))"; sleep 0.01; done' 2>/dev/null 3>&- 4>&- &
	run -0 ctl top --count 1 --sort denies
	read -r name _ in out _ _ denies _ < <(grep -m 1 '^default/' <<<"$output")
	expect first default/web "$name"
	((denies >= 20 && in < denies && out < denies)) || fail "$output"
	run -0 ctl top --count 1 --sort new-flows
	read -r name _ in out _ _ denies new _ < <(grep -m 1 '^default/' <<<"$output")
	expect first default/idle "$name"
	((new >= 20 && denies == 0 && out >= in + 20)) || fail "$output"
	run -2 ctl top --sort name
	run -2 ctl top --interval 0
}

@test "--json is an object a line" {
	traffic
	run -0 ctl top --count 2 --json
	expect lines 2 "${#lines[@]}"
	for line in "${lines[@]}"; do
		jq -e '(.time | test("^20.*Z$")) and .milliseconds >= 990 and .pods[0].pod == "default/web" and
			.pods[0].packetsPerSecond.ingress >= 25 and .pods[0].bitsPerSecond.egress >= 200000 and
			.pods[2].packetsPerSecond.ingress < 50 and .pods[0].sessions == 2' <<<"$line" || fail "$line"
	done
}

@test "on a terminal it draws the screen again and again, within its height, and q leaves it as it was" {
	traffic
	terminal 100 12
	type_line "echo before the top"
	within 5 shows "^before the top"
	type_line "'$RINGFENCE_DIRECTORY/ringfencectl' top"
	within 10 shows "^default/web .* v2 "
	screen_is_no "before the top"
	first=$(screen | head -n 1)
	[[ $first =~ ^[0-2][0-9]:.*"3 pods, every 1 s, by packets; q ends" ]]
	within 5 has_other_head "$first"
	expect order "default/web default/friend default/idle" "$(screen | awk '/^default/ { print $1 }' | xargs)"
	resize 100 6
	within 5 shows_pods 2
	resize 100 12
	within 5 shows_pods 3
	type_key q
	within 5 shows "^before the top"
	screen_is_no "default/web"
	# The shell shows what is typed again, and the cursor is there.
	type_line "echo again"
	within 5 shows "^again"
	expect cursor 1 "$(tmux_lab display-message -p '#{cursor_flag}')"
}

has_other_head() { # HEAD
	[ "$(screen | head -n 1)" != "$1" ]
}

shows_pods() {
	[ "$(screen | grep -c '^default/')" = "$1" ] && [ "$(screen | head -n 1 | grep -c 'q ends')" = 1 ]
}

@test "a signal leaves the screen as it was, too" {
	terminal 100 12
	type_line "echo before the top"
	type_line "'$RINGFENCE_DIRECTORY/ringfencectl' top"
	within 10 shows "^default/web "
	type_key C-c
	within 5 shows "^before the top"
	type_line "'$RINGFENCE_DIRECTORY/ringfencectl' top"
	within 10 shows "^default/web "
	lab kill -s TERM "$(lab pgrep -x ringfencectl)"
	within 5 shows "^before the top"
	type_line "stty -a | grep -o ' echo '"
	within 5 shows "^ echo"
}

@test "titles are bold on a terminal, and nothing is coloured there with NO_COLOR" {
	terminal 100 12
	type_line "'$RINGFENCE_DIRECTORY/ringfencectl' pod list"
	within 5 shows "^default/web "
	[[ $(tmux_lab capture-pane -p -e) == *$'\033[1mPOD'* ]]
	type_line "clear; NO_COLOR=1 '$RINGFENCE_DIRECTORY/ringfencectl' pod list"
	within 5 shows "^default/web "
	[[ $(tmux_lab capture-pane -p -e) != *$'\033[1mPOD'* ]]
}
