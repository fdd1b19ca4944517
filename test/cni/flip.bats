#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Policies that flip under real traffic: test/bpf/flip_test.c has the single packets.

FLIPS=200
PAUSED=10 # each so many flips there is a pause, in which datagrams are certain to be sent under the one policy

setup() {
	load helpers.bash
	warm_host
}

teardown() {
	stop_host
}

# document NAME ID UDP: a policy for web; TCP port 80 is always allowed, and UDP port 5353 by the action
document() {
	jq -n --argjson id "$2" --arg udp "$3" '{selector: {pod: "web"}, ingress: {default: "deny", rules: [
		{id: $id, action: "allow", protocol: "tcp", ports: ["80"]},
		{id: ($id + 1), action: $udp, protocol: "udp", ports: ["5353"]}]}}' >"$BATS_TEST_TMPDIR/$1.json"
}

flip_to() { # NAME ALLOWED
	local before=$EPOCHREALTIME

	ctl policy apply "$BATS_TEST_TMPDIR/$1.json" >/dev/null
	echo "$before $EPOCHREALTIME $2" >>"$BATS_TEST_TMPDIR/flips"
}

flip_often() {
	local turn

	for ((turn = 0; turn < FLIPS; turn++)); do
		if ((turn % 2)); then
			flip_to closed 0
		else
			flip_to open 1
		fi
		((turn % PAUSED > 1)) || sleep 0.15
	done
}

# The connection, which is the only one, has sent something since the last flip.
is_judged_last() {
	connections=$(ctl session list default/web | grep " 10\.88\.0\.2:80 ")
	[ "$(wc -l <<<"$connections")" = 1 ] && [[ $connections == *"rule 21"* ]]
}

@test "a transfer that both policies allow loses nothing over $FLIPS flips, a stream that one allows passes under that one only" {
	pod web 2
	pod friend 3
	succeeds ADD web
	succeeds ADD friend
	document open 11 allow
	document closed 21 deny
	flip_to open 1
	in_pod web python3 "$BATS_TEST_DIRNAME/flip.py" receive 80 5353 "$BATS_TEST_TMPDIR/received" \
		>"$BATS_TEST_TMPDIR/received.sum" 3>&- 4>&- &
	receiver=$!
	within 10 listens web udp 5353
	in_pod friend python3 "$BATS_TEST_DIRNAME/flip.py" send 10.88.0.2 80 5353 "$BATS_TEST_TMPDIR/sent" \
		>"$BATS_TEST_TMPDIR/sent.sum" 3>&- 4>&- &
	sender=$!
	within 10 test -s "$BATS_TEST_TMPDIR/sent"
	flip_often
	within 5 is_judged_last || fail "$connections"
	touch "$BATS_TEST_TMPDIR/sent.stop"
	wait "$sender"
	wait "$receiver"

	expect "what has arrived" "$(<"$BATS_TEST_TMPDIR/sent.sum")" "$(<"$BATS_TEST_TMPDIR/received.sum")"
	run -0 python3 "$BATS_TEST_DIRNAME/flip.py" judge "$BATS_TEST_TMPDIR"/{flips,sent,received}
	echo "$output"
	[[ $output =~ ^"allowed and arrived "([0-9]+)", allowed and lost 0, denied and arrived 0, denied and lost "([0-9]+)$ ]]
	((BASH_REMATCH[1] > 50 && BASH_REMATCH[2] > 50))
	# Not one packet of the transfer was denied, to be sent again: by no policy, nor by a mixture, nor as of another flow.
	for reason in default-deny no-policy tcp-state; do
		expect "$reason" 0 "$(packets web ingress "$reason")"
		expect "$reason" 0 "$(packets web egress "$reason")"
	done
	expect "policies" 2 "$(lab find "$RUN/policies" -type f | wc -l)"
}
