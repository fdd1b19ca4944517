#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2030,SC2031 # each test has its own output
#
# ringfencectl top: rates by pod and by flow, on a terminal (tmux) and without one.

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
	within 5 are_pinging 4
}

are_pinging() { # COUNT: of sessions, of which each of the two pods has one
	[ "$(ctl session list --protocol icmp --count)" = "$1" ]
}

# in_time COMMAND...: rates are of a second, in which a machine that is busy may leave out a ping, or all: one of some looks is right
in_time() {
	local try

	for try in {1..10}; do
		# In a condition itself, a command of it that fails would not end it.
		(
			trap - ERR DEBUG
			"$@"
		) &
		! wait $! || return 0
		echo "try $try was not right"
	done
	fail "no look is right: $*"
}

@test "without a terminal it prints a table for each look, the busiest pod first, and no colours" {
	traffic
	in_time prints_two_tables
}

prints_two_tables() {
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
	in_pod idle bash -c 'for i in {1..60000}; do echo >"/dev/udp/10.88.0.2/$((2000 + i))"; sleep 0.01; done' 2>/dev/null 3>&- 4>&- &
	within 5 are_pinging 2
	in_time has_denies_first
	in_time has_new_flows_first
	run -2 ctl top --sort name
	run -2 ctl top --interval 0
}

has_denies_first() {
	run -0 ctl top --count 1 --sort denies
	read -r name _ in out _ _ denies _ < <(grep -m 1 '^default/' <<<"$output")
	expect first default/web "$name"
	((denies >= 20 && in < denies && out < denies)) || fail "$output"
}

has_new_flows_first() {
	run -0 ctl top --count 1 --sort new-flows
	read -r name _ in out _ _ denies new _ < <(grep -m 1 '^default/' <<<"$output")
	expect first default/idle "$name"
	((new >= 20 && denies == 0 && out >= in + 20)) || fail "$output"
}

@test "--json is an object a line" {
	traffic
	in_time prints_two_objects
}

prints_two_objects() {
	run -0 ctl top --count 2 --json
	expect lines 2 "${#lines[@]}"
	for line in "${lines[@]}"; do
		jq -e '(.time | test("^20.*Z$")) and .milliseconds >= 500 and .pods[0].pod == "default/web" and
			.pods[0].packetsPerSecond.ingress >= 25 and .pods[0].bitsPerSecond.egress >= 200000 and
			.pods[2].packetsPerSecond.ingress < 50 and .pods[0].sessions == 2' <<<"$line" || fail "$line"
	done
}

@test "of one pod there is one row, and --limit says how many of all" {
	traffic
	in_time has_one_row
	in_time has_two_rows_of_three
	expect "for programs" 1 "$(ctl top --count 1 --limit 1 --json | jq '.pods | length')"
	run -1 ctl top default/nobody --count 1
	[[ $output == *"no pod default/nobody"* ]]
	run -2 ctl top --limit 0
}

has_one_row() {
	run -0 ctl top default/idle --count 1
	expect rows default/idle "$(awk '/^default/ { print $1 }' <<<"$output")"
	[[ $output == *"  1 pod, every 1 s, by packets"* ]]
}

has_two_rows_of_three() {
	run -0 ctl top --count 1 --limit 2
	expect rows "default/web default/friend" "$(awk '/^default/ { print $1 }' <<<"$output" | xargs)"
	[[ $output == *"  3 pods, "* ]]
}

# The pod, who opened it, and the ends of each flow in a table: a line each
flow_rows() {
	awk '$8 ~ /^default/ { print $8, $9, $5, $6, $7 }'
}

WEB_FLOWS="default/friend egress icmp 10.88.0.3 10.88.0.2
default/web ingress icmp 10.88.0.3 10.88.0.2"
IDLE_FLOWS="default/idle ingress icmp 10.88.0.2 10.88.0.4
default/web egress icmp 10.88.0.2 10.88.0.4"

@test "--flows has the flow that fills the link first, as each of its pods sees it, and what allows it" {
	succeeds ADD web "$(policy '{"id": 7, "action": "allow", "protocol": "icmp"}')"' | .policy.name = "web"'
	traffic
	in_time prints_two_tables_of_flows
}

prints_two_tables_of_flows() {
	run -0 ctl top --flows --count 2
	expect heads 2 "$(grep -cE '^[0-2][0-9]:[0-5][0-9]:[0-6][0-9]  4 of 4 flows have packets, every 1 s, by packets$' <<<"$output")"
	[[ ${lines[1]} == "IN PKT/S"*"OUT PKT/S"*"IN BIT/S"*"OUT BIT/S"*PROTO*FROM*TO*POD*OPENED*"ALLOWED BY" ]]
	last=$(grep ' default/' <<<"$output" | tail -n 4)
	expect "the busy one" "$WEB_FLOWS" "$(flow_rows <<<"$last" | head -n 2 | sort)"
	expect "the other one" "$IDLE_FLOWS" "$(flow_rows <<<"$last" | tail -n 2 | sort)"
	read -r in out bits _ _ _ _ _ _ by < <(grep 'default/web *ingress' <<<"$last")
	((in >= 25 && in <= 130 && out >= 25 && out <= 130)) || fail "$output"
	[[ $bits =~ ^([2-9][0-9][0-9]k|1\.[0-2]M)$ ]] || fail "$output"
	expect by "rule 7 (web)" "$by"
	[[ $output != *$'\033'* ]]
}

@test "--flows of a pod has only its flows; --limit and --sort choose the first of them" {
	# Few large ones to idle, many small ones to web.
	in_pod friend ping -q -i 0.01 -s 8 10.88.0.2 >/dev/null 3>&- 4>&- &
	in_pod web ping -q -i 0.04 -s 1400 10.88.0.4 >/dev/null 3>&- 4>&- &
	within 5 are_pinging 4
	in_time chooses_flows
	run -1 ctl top --flows default/nobody --count 1
	run -2 ctl top --flows --sort denies
	[[ $output == *"--flows cannot be sorted by denies"* ]]
}

chooses_flows() {
	run -0 ctl top --flows default/idle --count 1
	expect rows "default/idle ingress icmp 10.88.0.2 10.88.0.4" "$(flow_rows <<<"$output")"
	[[ $output == *"  1 of 1 flow has packets, "* ]]
	run -0 ctl top --flows --count 1 --limit 2
	expect "by packets" "$WEB_FLOWS" "$(flow_rows <<<"$output" | sort)"
	[[ $output == *"  4 of 4 flows have packets, the first 2, every 1 s, by packets"* ]]
	run -0 ctl top --flows --count 1 --limit 2 --sort bits
	expect "by bits" "$IDLE_FLOWS" "$(flow_rows <<<"$output" | sort)"
}

@test "--flows leaves out flows without packets, and has one that has just begun" {
	serve web tcp 80
	dial live friend 10.88.0.2 80
	exchange live
	in_time shows_what_begins
}

shows_what_begins() {
	ctl session flush --protocol icmp
	within 5 is_settled web
	within 5 is_settled friend
	ctl top --flows --count 2 --interval 2 --json >"$BATS_TEST_TMPDIR/looks" 3>&- 4>&- &
	within 10 has_lines "$BATS_TEST_TMPDIR/looks" 1
	expect "of silent ones" "2 0 0" "$(jq -r '"\(.sessions) \(.withPackets) \(.flows | length)"' "$BATS_TEST_TMPDIR/looks")"
	in_pod friend ping -q -c 10 -i 0.02 10.88.0.4 >/dev/null
	wait $!
	tail -n 1 "$BATS_TEST_TMPDIR/looks" >"$BATS_TEST_TMPDIR/rates"
	expect "of all" 4 "$(jq .sessions "$BATS_TEST_TMPDIR/rates")"
	expect "those that began" "10.88.0.4 10.88.0.4" "$(jq -r '[.flows[].to] | join(" ")' "$BATS_TEST_TMPDIR/rates")"
	# Ten requests, and as many answers.
	jq -e '(.milliseconds / 1000) as $seconds | all(.flows[].packetsPerSecond[]; (. * $seconds - 10 | fabs) <= $seconds)' "$BATS_TEST_TMPDIR/rates"
}

@test "--flows: a flow whose session is deleted and made again has no wrong rate" {
	traffic
	ctl top --flows default/web --count 3 --json >"$BATS_TEST_TMPDIR/rates" 3>&- 4>&- &
	for _ in {1..12}; do
		sleep 0.3
		ctl session flush --all >/dev/null
	done
	wait $!
	expect looks 3 "$(wc -l <"$BATS_TEST_TMPDIR/rates")"
	# A hundred at most, but for the time that a busy machine takes between a look's clock and the counters.
	jq -e 'all(.flows[]; .packetsPerSecond.ingress <= 1000 and .packetsPerSecond.egress <= 1000 and .bitsPerSecond.ingress <= 10000000)' \
		"$BATS_TEST_TMPDIR/rates"
	# A look may come just behind a flush.
	jq -se 'any(.[]; .flows | length > 0)' "$BATS_TEST_TMPDIR/rates"
}

@test "--flows --json is an object a line, with flows as session list has them" {
	traffic
	in_time prints_two_objects_of_flows
}

prints_two_objects_of_flows() {
	run -0 ctl top --flows --count 2 --limit 3 --json
	expect lines 2 "${#lines[@]}"
	for line in "${lines[@]}"; do
		jq -e '(.time | test("^20.*Z$")) and .milliseconds >= 500 and .sessions == 4 and .withPackets == 4 and
			(.flows | length) == 3 and .flows[0].to == "10.88.0.2" and .flows[2].to == "10.88.0.4" and
			.flows[0].packetsPerSecond.ingress >= 25 and .flows[0].bitsPerSecond.egress >= 200000 and
			.flows[2].packetsPerSecond.ingress < 50' <<<"$line" || fail "$line"
	done
	keys=$(jq -c '.flows[0] | del(.packetsPerSecond, .bitsPerSecond) | keys' <<<"${lines[0]}")
	expect keys "$(ctl session list --json | jq -c '.[0] | keys')" "$keys"
}

@test "on a terminal that is too narrow lines are cut and marked, in no column with what belongs into another" {
	terminal 40 12
	type_line "'$RINGFENCE_DIRECTORY/ringfencectl' top"
	within 10 shows "^default/web .* v2 "
	within 5 are_cut || fail "$(screen)"
	resize 130 12
	within 5 shows "SESSIONS$"
	type_key q
}

are_cut() {
	shows "^POD +INTERFACE  IN PKT/S  OU>$" && [ "$(screen | grep -cE '^default/.{31}>$')" = 3 ]
}

@test "on a terminal it draws the screen again and again, within its height, and q leaves it as it was" {
	traffic
	terminal 100 12
	type_line "echo before the top"
	within 5 shows "^before the top"
	type_line "'$RINGFENCE_DIRECTORY/ringfencectl' top"
	within 10 shows "^default/web .* v2 "
	screen_is_no "before the top"
	within 5 shows '^[0-2][0-9]:.*3 pods, every 1 s, by packets; q ends'
	first=$(screen | head -n 1)
	within 5 has_other_head "$first"
	within 5 is_ordered
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
	local head

	head=$(screen | head -n 1)
	[ "$head" != "$1" ] && [[ $head == *"q ends"* ]]
}

is_ordered() {
	[ "$(screen | awk '/^default/ { print $1 }' | xargs)" = "default/web default/friend default/idle" ]
}

shows_pods() {
	[ "$(screen | grep -cE '^default/| default/')" = "$1" ] && [ "$(screen | head -n 1 | grep -c 'q ends')" = 1 ]
}

@test "on a terminal --flows shows as many as there is room for" {
	traffic
	terminal 130 12
	type_line "'$RINGFENCE_DIRECTORY/ringfencectl' top --flows"
	within 10 shows '^[0-2][0-9]:.*4 of 4 flows have packets, every 1 s, by packets; q ends'
	within 5 are_flows "$(sort <<<"$WEB_FLOWS"$'\n'"$IDLE_FLOWS")" || fail "$(screen)"
	resize 130 6
	within 5 shows_pods 2
	within 5 shows '4 of 4 flows have packets, the first 2, '
	within 5 are_flows "$WEB_FLOWS" || fail "$(screen)"
	resize 130 12
	within 5 shows_pods 4
	type_key q
	within 5 screen_is_no "default/web"
}

are_flows() { # ROWS
	[ "$(screen | flow_rows | sort)" = "$1" ]
}

@test "on a terminal that obeys no sequences it prints tables" {
	terminal 100 12
	type_line "TERM=dumb '$RINGFENCE_DIRECTORY/ringfencectl' top --count 1"
	within 10 shows "^default/web "
	# The line that was typed is still there: there was no other screen.
	shows "top --count 1" || fail "$(screen)"
	! shows "q ends" || fail "$(screen)"
	type_line "clear; echo before the top; env -u TERM '$RINGFENCE_DIRECTORY/ringfencectl' top --count 1"
	# Not what the first one has printed
	within 10 shows_all "^before the top" "^default/web " || fail "$(screen)"
}

shows_all() { # REGULAR-EXPRESSION...: at once
	local shown expression

	shown=$(screen)
	for expression; do
		grep -qE -- "$expression" <<<"$shown" || return
	done
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
	within 5 shows_titles $'\033[1mPOD'
	type_line "clear; NO_COLOR=1 '$RINGFENCE_DIRECTORY/ringfencectl' pod list"
	within 5 shows_titles $'\nPOD'
}

shows_titles() { # TEXT: that they begin with
	local shown

	shown=$'\n'$(tmux_lab capture-pane -p -e)
	[[ $shown == *"$1"*default/web* ]]
}
