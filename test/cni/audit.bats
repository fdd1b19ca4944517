#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# mode: audit, with real packets: what would be denied passes, is counted and reported. Each test has its own host.

setup() {
	load helpers.bash
	load web.bash
	warm_host
}

teardown() {
	stop_host
}

# It is at work when it prints what would be denied now.
is_monitored() {
	# shellcheck disable=SC2016 # for the shell in the pod
	in_pod stranger bash -c 'echo >/dev/udp/10.88.0.2/2000'
	grep -q ':2000: ' "$BATS_TEST_TMPDIR/events"
}

has_seen() { # COUNT: events of the services
	mapfile -t events < <(grep ':80: ' "$BATS_TEST_TMPDIR/events")
	[ "${#events[@]}" -ge "$1" ]
}

@test "audit: what the policy would deny passes both ways, is counted under its reason and reported once a flow" {
	local before

	web_with_friends '.mode = "audit"'
	lab timeout --foreground -k 10 300 "$RINGFENCE_DIRECTORY/ringfencectl" monitor >"$BATS_TEST_TMPDIR/events" 3>&- 4>&- &
	within 10 is_monitored
	before=$(packets web ingress default-deny)
	reaches stranger tcp 10.88.0.2 80
	reaches web tcp 10.88.0.3 80
	within 10 has_seen 2
	expect events 2 "${#events[@]}"
	[[ ${events[0]} == *" audit default/web ingress tcp 10.88.0.4:"*" > 10.88.0.2:80: default-deny" ]]
	[[ ${events[1]} == *" audit default/web egress tcp 10.88.0.2:"*" > 10.88.0.3:80: default-deny" ]]
	expect "denies to web" $((before + 1)) "$(packets web ingress default-deny)"
	expect "denies from web" 1 "$(packets web egress default-deny)"
	[ "$(packets web egress session)" -ge 1 ]
}

@test "audit to enforce: the flows that were let through are judged again, under the same policy" {
	web_with_friends '.mode = "audit"'
	dial allowed friend 10.88.0.2 80
	dial audited stranger 10.88.0.2 80
	exchange allowed
	exchange audited
	succeeds ADD web "$WEB_POLICY"
	exchange allowed
	is_cut audited
	policy_holds
}

@test "enforce to audit: what was denied passes from now on" {
	web_with_friends
	policy_holds
	succeeds ADD web "$WEB_POLICY"' | .mode = "audit"'
	reaches stranger tcp 10.88.0.2 80
	reaches stranger udp 10.88.0.2 53
	reaches web tcp fd00:88::3 80
}
