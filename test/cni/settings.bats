#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# ringfencectl settings: what changes at run time, with real packets. Each test has its own host.

setup() {
	load helpers.bash
	load web.bash
	warm_host
}

teardown() {
	stop_host
}

# setting NAME
setting() {
	ctl settings "$1"
}

@test "settings: all of them, with what they are, may be and mean; each by its name; as JSON" {
	local names name

	names=$(ctl settings --json | jq -r '.[].name')
	expect "names" "$(ctl settings | awk 'NR > 1 { print $1 }')" "$names"
	for name in $names; do
		expect "$name" "$(ctl settings --json | jq -r --arg name "$name" '.[] | select(.name == $name).default')" \
			"$(setting "$name")"
	done
	expect verbosity flows "$(setting verbosity)"
	expect audit pods "$(setting audit)"
	expect timeout-established 7200 "$(setting timeout-established)"
	ctl settings timeout-syn --json |
		jq -e '.value == 20 and .default == 20 and .allowed == "1 to 7800 seconds" and (.meaning | length > 0)'
}

@test "settings: what is changed is said, and is what others read; the rest stays" {
	local before

	before=$(ctl settings --json)
	expect "answer" "verbosity: denies, was flows
timeout-established: 7800, was 7200" "$(ctl settings timeout-established=7800 verbosity=denies)"
	expect "settings" "$(jq -c 'map(if .name == "verbosity" then .value = "denies"
		elif .name == "timeout-established" then .value = 7800 else . end)' <<<"$before")" \
		"$(ctl settings --json | jq -c .)"
	expect "nothing to change" "" "$(ctl settings verbosity=denies)"
	ctl settings verbosity=all --json | jq -e 'length == 1 and .[0].name == "verbosity" and .[0].value == "all"'
}

@test "settings: bad words are refused with what is allowed, and change nothing" {
	local before

	before=$(ctl settings --json)
	ctl_fails 2 "timeout-syn can be 1 to 7800 seconds" settings verbosity=none timeout-syn=7801
	ctl_fails 2 "verbosity can be none, denies, flows, all" settings verbosity=loud
	ctl_fails 2 "no setting of that name" settings timeout-sin=20
	ctl_fails 2 "settings are verbosity, audit" settings timeouts
	ctl_fails 2 "audit is no NAME=VALUE" settings verbosity=none audit
	ctl_fails 2 "audit is given twice" settings audit=all audit=pods
	expect "settings" "$before" "$(ctl settings --json)"
}

@test "settings: audit=all lets pass what policies deny, and ends it when it is over, but nothing else" {
	web_with_friends
	dial allowed friend 10.88.0.2 80
	exchange allowed
	reaches_not stranger tcp 10.88.0.2 80
	ctl settings audit=all
	reaches stranger tcp 10.88.0.2 80
	reaches web tcp 10.88.0.3 80
	dial audited stranger 10.88.0.2 80
	exchange audited
	exchange allowed
	ctl settings audit=pods
	exchange allowed
	is_cut audited
	policy_holds
}

@test "settings: an idle connection is judged anew after the timeout that is set, and not before" {
	local judged

	web_with_friends
	dial idle friend 10.88.0.2 80
	exchange idle
	judged=$(packets web ingress rule-allow)
	sleep 3
	exchange idle
	expect "judged, before" "$judged" "$(packets web ingress rule-allow)"
	ctl settings timeout-established=2
	sleep 3
	exchange idle
	[ "$(packets web ingress rule-allow)" -gt "$judged" ]
	ctl settings timeout-established=7800
	exchange idle
	judged=$(packets web ingress rule-allow)
	sleep 3
	exchange idle
	expect "judged, longer" "$judged" "$(packets web ingress rule-allow)"
}

# A flow that begins is in $events when monitor is at work.
shows_friend() {
	reaches friend tcp 10.88.0.2 80
	grep -q ' allow default/web ingress tcp 10.88.0.3:.* > 10.88.0.2:80: rule-allow 1$' "$events"
}

@test "settings: verbosity says what monitor shows" {
	local events=$BATS_TEST_TMPDIR/events

	web_with_friends
	ctl settings verbosity=all
	lab timeout --foreground -k 10 300 "$RINGFENCE_DIRECTORY/ringfencectl" monitor >"$events" 3>&- 4>&- &
	within 10 shows_friend
	ctl settings verbosity=none
	reaches_not stranger tcp 10.88.0.2 81
	ctl settings verbosity=denies
	reaches friend tcp fd00:88::2 80
	reaches_not stranger tcp 10.88.0.2 80
	within 10 grep -q ' deny default/web ingress tcp 10.88.0.4:.* > 10.88.0.2:80: default-deny$' "$events"
	run ! grep -E '10.88.0.2:81|fd00:88::2' "$events"
}

@test "settings: they outlive pods, and begin anew with the maps" {
	pod web 2
	ctl settings verbosity=all timeout-syn=5
	succeeds ADD web
	succeeds DEL web
	expect timeout-syn 5 "$(setting timeout-syn)"
	lab rm -r "$PINS"
	ctl_fails 3 "nothing is loaded" settings
	succeeds ADD web
	expect timeout-syn 20 "$(setting timeout-syn)"
	expect verbosity flows "$(setting verbosity)"
}
