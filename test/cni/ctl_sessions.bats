#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# ringfencectl session list, show and flush: the flows that are there, those that are asked for, and those that shall go.

setup() {
	load helpers.bash
	warm_host
	pod web 2
	pod friend 3
	serve web tcp 80
	serve web udp 53
}

teardown() {
	stop_host
}

closed="$(
	load helpers.bash
	policy "$(allow 7 tcp 80), $(allow 9 udp 53)"
) | .policy.name = \"web\""

# A live connection, one that is over, and two datagrams.
web_with_flows() {
	succeeds ADD web "$closed"
	succeeds ADD friend
	dial live friend 10.88.0.2 80
	exchange live
	reaches friend tcp fd00:88::2 80
	reaches friend udp 10.88.0.2 53
}

# chosen OPTION...: what web's sessions are to, a line each, sorted
chosen() {
	ctl session list default/web "$@" --json | jq -r '.[] | "\(.protocol) \(.to)"' | sort | paste -sd ' '
}

@test "filters choose by peer, port, protocol, state, rule, direction and verdict, and hold all at once" {
	web_with_flows
	within 5 all_are_there
	expect "--peer" "tcp 10.88.0.2:80 udp 10.88.0.2:53" "$(chosen --peer 10.88.0.0/24)"
	expect "--peer" "tcp [fd00:88::2]:80" "$(chosen --peer fd00:88::3)"
	expect "--peer" "" "$(chosen --peer 10.88.0.2)"
	expect "--port" "udp 10.88.0.2:53" "$(chosen --port 53)"
	expect "--port" "tcp 10.88.0.2:80 tcp [fd00:88::2]:80 udp 10.88.0.2:53" "$(chosen --port 50-80)"
	expect "--protocol" "tcp 10.88.0.2:80 tcp [fd00:88::2]:80" "$(chosen --protocol tcp)"
	expect "--protocol" "udp 10.88.0.2:53" "$(chosen --protocol 17)"
	expect "--state" "tcp 10.88.0.2:80" "$(chosen --state established)"
	expect "--state" "tcp 10.88.0.2:80 tcp [fd00:88::2]:80" "$(chosen --state established,time-wait,fin,closed)"
	expect "--rule" "udp 10.88.0.2:53" "$(chosen --rule 9)"
	expect "--direction" "" "$(chosen --direction egress)"
	expect "--direction" "3" "$(ctl session list web --direction ingress --count)"
	expect "--verdict" "" "$(chosen --verdict audit)"
	expect "--verdict" "3" "$(ctl session list web --verdict allow --count)"
	expect "all at once" "tcp 10.88.0.2:80" "$(chosen --protocol tcp --peer 10.88.0.0/16 --rule 7)"
	expect "all at once" "" "$(chosen --protocol tcp --rule 9)"
	expect "of the other pod" 3 "$(ctl session list default/friend --direction egress --count)"
}

# No packet of theirs is still to come.
all_are_there() {
	[ "$(ctl session list web --count)" = 3 ] && [ "$(chosen --state established)" = "tcp 10.88.0.2:80" ] &&
		[ "$(chosen --state time-wait)" = "tcp [fd00:88::2]:80" ] && is_settled web && is_settled friend
}

@test "no session was seen before it began" {
	succeeds ADD web
	# shellcheck disable=SC2016 # for the shell in the pod
	in_pod friend bash -c 'for i in {1..20}; do echo >"/dev/udp/10.88.0.2/$((2000 + i))"; sleep 0.001; done' 2>/dev/null
	expect sessions 20 "$(ctl session list --count)"
	# What a listing makes of the kernel's ticks depends on where in one of them it looks.
	for _ in {1..20}; do
		run -0 ctl session list --json
		jq -e 'all(.[]; .created <= .lastSeen and .lastSeen < .ends)' <<<"$output" || fail "$output"
	done
}

@test "idle and age choose by time, and what cannot be read is refused with exit status 2" {
	web_with_flows
	expect "all are young" 0 "$(ctl session list web --age 1h --count)"
	expect "none is idle" 0 "$(ctl session list web --idle 10m --count)"
	within 10 only_live_is_not_idle
	expect "of age" 3 "$(ctl session list web --age 2 --count)"
	while read -r words; do
		# shellcheck disable=SC2086 # words
		run -2 ctl session list $words
		[[ $output == *"ringfencectl: --"* ]] || fail "$words: $output"
		[[ $output == *\"${words#* }\"* ]] || fail "$words is not what is said: $output"
	done <<-END
		--idle soon
		--idle 307445735m
		--age 5w
		--peer 10.0.0.1/8
		--peer web
		--port 65536
		--port 90-80
		--port 1-00000000000000080
		--port 1-8000000000000080
		--port -1
		--protocol ftp
		--state open
		--state established,
		--verdict denied
		--verdict audited
		--rule x
		--direction both
		--sort name
		--limit 0
	END
}

only_live_is_not_idle() {
	exchange live && [ "$(chosen --idle 2s)" = "tcp [fd00:88::2]:80 udp 10.88.0.2:53" ]
}

@test "what has timed out is no flow, and is shown by --all" {
	web_with_flows
	# An answered reset ends in 10 seconds; the kernel's clock cannot be moved, so the timeout has to pass.
	in_pod friend /usr/bin/python3 -c 'import socket, struct
client = socket.create_connection(("10.88.0.2", 80))
client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
client.close()'
	within 5 has_closed 1
	within 15 has_closed 0
	expect "in the maps still" 1 "$(ctl session list web --state closed --all --count)"
	run -0 ctl session list web --state closed --all --json
	expect live false "$(jq -r '.[0].live' <<<"$output")"
}

has_closed() {
	[ "$(ctl session list web --state closed --count)" = "$1" ]
}

@test "a listing says who opened a flow, its state, by what it is allowed, and how much it was" {
	web_with_flows
	run -0 ctl session list web --protocol tcp --peer 10.88.0.3
	[[ ${lines[0]} == POD*OPENED*PROTO*FROM*TO*STATE*"ALLOWED BY"*PACKETS*BYTES ]]
	[[ ${lines[1]} =~ ^default/web\ +ingress\ +tcp\ +10\.88\.0\.3:[0-9]+\ +10\.88\.0\.2:80\ +established\ +rule\ 7\ \(web\)\ +[1-9][0-9]*\ +[1-9][0-9]*$ ]]
	expect lines 2 "${#lines[@]}"
}

@test "--sort brings the largest first, and --limit keeps so many" {
	web_with_flows
	for _ in 1 2 3 4 5; do exchange live; done
	within 5 all_are_there
	expect "by packets" "10.88.0.2:80" "$(ctl session list web --sort packets --json | jq -r '.[0].to')"
	ordered=$(ctl session list --sort bytes --json | jq -c '[.[].bytes]')
	expect "by bytes" "$(jq -c 'sort | reverse' <<<"$ordered")" "$ordered"
	expect "the first two" "$(jq -c '.[:2]' <<<"$ordered")" "$(ctl session list --sort bytes --limit 2 --json | jq -c '[.[].bytes]')"
	expect "the oldest" "10.88.0.2:80" "$(ctl session list web --sort age --limit 1 --json | jq -r '.[0].to')"
	expect "any two" 2 "$(ctl session list --limit 2 --json | jq length)"
}

@test "session show has all of one flow, given as session list has it and in either order" {
	web_with_flows
	read -r _ _ _ from to _ < <(ctl session list web --state established | tail -n 1)
	run -0 ctl session show "$from" "$to"
	for line in 'pod +default/web' "flow +tcp $from > $to" 'opened by +the peer \(ingress\)' 'state +established' 'by +rule 7 \(web\)' \
		'verdict +allow' 'policy +[0-9]+, in force' 'to the pod +[1-9][0-9]* packets, [1-9][0-9]* bytes' 'began +20.*Z, [0-9]+s ago' \
		'last packet +[0-9]+s ago' 'ends +in (1h59m|2h00m) if no packet comes' 'pod +default/friend' 'by +default'; do
		grep -qxE "$line" <<<"$output" || fail "no line \"$line\" in:" "$output"
	done
	run -0 ctl session show "$to" "$from" --json
	expect "as two pods see it" "default/friend default/web" "$(jq -r '[.[].pod] | sort | join(" ")' <<<"$output")"
	web=$(jq -c '.[] | select(.pod == "default/web")' <<<"$output")
	expect "for programs" "ingress tcp established false allow rule 7 web true true 7200" "$(jq -r '"\(.direction) \(.protocol) \(.state) " +
		"\(.halfOpen) \(.verdict) \(.by) \(.rule) \(.policy) \(.current) \(.live) \(.timeoutSeconds)"' <<<"$web")"
	expect "ends" "10.88.0.2 80 10.88.0.3 ${from##*:}" "$(jq -r '"\(.podEnd.address) \(.podEnd.port) \(.peerEnd.address) \(.peerEnd.port)"' <<<"$web")"
	expect sums "$(jq '.ingress.packets + .egress.packets' <<<"$web")" "$(jq .packets <<<"$web")"
	# A policy that changes is seen before the next packet.
	jq -n '{name: "changed", selector: {pod: "web"}, ingress: {default: "allow"}}' >"$BATS_TEST_TMPDIR/open.json"
	ctl policy apply "$BATS_TEST_TMPDIR/open.json"
	run -0 ctl session show "$from" "$to"
	[[ $output == *"not in force any more: the next packet is judged again"* ]]
	exchange live
	run -0 ctl session show "$from" "$to"
	[[ $output != *"not in force any more"* ]]
}

@test "session show knows an address alone, and says when there is nothing" {
	web_with_flows
	run -0 ctl session show fd00:88::3 fd00:88::2
	[[ $output == *"flow           "*"tcp [fd00:88::3]:"* ]]
	run -0 ctl session show 10.88.0.3 10.88.0.2:53
	[[ $output == *"udp 10.88.0.3:"*" > 10.88.0.2:53"* ]]
	run -1 ctl session show 10.88.0.3 10.88.0.2:54
	[[ $output == *"no session between 10.88.0.3 and 10.88.0.2:54"* ]]
	for end in 10.88.0.3:x 10.88.0.3:65536 10.88.0.0/24 web '[fd00:88::3]:' '[fd00:88::3]80' 10.88.0.3:; do
		run -2 ctl session show "$end" 10.88.0.2
		[[ $output == *"\"$end\": "* ]]
	done
}

@test "session flush deletes what is chosen and nothing else, and the count of what lives stays right" {
	web_with_flows
	within 5 all_are_there
	run -2 ctl session flush
	[[ $output == *"needs a pod, a filter, or --all"* ]]
	run -0 ctl session flush web --protocol udp --dry-run
	expect "dry run" "1 session would be deleted" "$output"
	expect "after that" 3 "$(ctl session list web --count)"
	run -0 ctl session flush web --protocol udp
	expect said "1 session deleted" "$output"
	expect "what is left" "tcp 10.88.0.2:80 tcp [fd00:88::2]:80" "$(chosen)"
	expect "of the other pod" 3 "$(ctl session list default/friend --count)"
	exchange live
	within 5 is_settled web
	within 5 is_settled friend
	run -0 ctl session flush --all --json
	expect said '{"sessions":5,"dryRun":false}' "$output"
	for map in sessions half_open; do
		expect "entries of $map" 0 "$(map_size $map)"
		expect "count of $map" 0 "$(ctl pressure | awk -v map=$map '$1 == map { print $2 }')"
	done
	for pod in web friend; do
		expect "count of $pod" 0 "$(ctl pod show $pod --json | jq .sessions)"
	done
}

@test "after a flush the next packet of a connection is judged as that of a new one" {
	web_with_flows
	within 5 all_are_there
	ctl session flush --all
	exchange live
	expect "a new one" 1 "$(ctl session list web --port 80 --count)"
	jq -n '{name: "closed", selector: {pod: "web"}, ingress: {default: "deny"}}' >"$BATS_TEST_TMPDIR/closed.json"
	ctl policy apply "$BATS_TEST_TMPDIR/closed.json"
	ctl session flush --all
	is_cut live
}

@test "of a million sessions some are found at once" {
	local count=1000000 top

	lab rm -r "$PINS"
	succeeds ADD web "$closed | .maps = {sessions: 1200000}"
	dial live friend 10.88.0.2 80
	exchange live
	lab "$TOOLS/fill" "$PINS/maps" $count
	# The kernel evicts from a table of this kind before the last place is taken.
	(($(ctl session list --count) > count * 9 / 10))
	run -0 ctl session list --peer 172.16.3.0/29 --json
	expect found 8 "$(jq length <<<"$output")"
	expect names "default/web" "$(jq -r '[.[].pod] | unique | join(" ")' <<<"$output")"
	expect largest "172.31.66.63:443" "$(ctl session list --sort bytes --limit 1 --json | jq -r '.[0].from')"
	ctl top --flows --count 1 --interval 3 --json >"$BATS_TEST_TMPDIR/rates" 3>&- 4>&- &
	top=$!
	while kill -0 $top 2>/dev/null; do
		exchange live
		sleep 0.1
	done
	wait $top
	expect "with packets" "10.88.0.2:80" "$(jq -r '[.flows[].to] | join(" ")' "$BATS_TEST_TMPDIR/rates")"
	(($(jq .sessions "$BATS_TEST_TMPDIR/rates") > count * 9 / 10))
	run -0 ctl session flush --peer 172.16.0.0/12 --port 443
	((${output%% *} > count * 9 / 10))
	expect left 1 "$(ctl session list --count)"
	exchange live
}
