#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# What ringfencectl(8) says of each command's JSON: the keys that are printed are those that it names.

setup() {
	load helpers.bash
	warm_host
	MANUAL=$BATS_TEST_DIRNAME/../../man/ringfencectl.8
}

teardown() {
	stop_host
}

# section COMMAND...: the words of what the page says of them.
section() {
	local command

	for command; do
		awk -v item=".It Cm $command" '
			/^\.It Cm / || /^\.Sh / { shown = $0 == item || index($0, item " Ar ") == 1 }
			shown' "$MANUAL"
	done | tr -cs '[:alnum:]' '\n' | sort -u
}

# has_keys COMMAND [OTHER...] <JSON: each key of it is in the page's text of the command, or of those it refers to.
has_keys() {
	local keys

	keys=$(jq -r '[.. | objects | keys[]] | unique[]' | sort -u)
	[ -n "$keys" ] || fail "$1 prints no keys"
	expect "keys of $1 that the page does not have" "" "$(comm -23 <(printf '%s\n' "$keys") <(section "$@"))"
}

web_and_friend() {
	pod web 2
	pod friend 3
	serve web tcp 80
	succeeds ADD web "$(policy "$(allow 7 tcp 80 10.88.0.3 fd00:88::3)")"' | .policy.name = "web" | .limits = {newFlowsPerSecond: 99, sessions: 9}'
	succeeds ADD friend
	reaches friend tcp 10.88.0.2 80
	reaches_not friend tcp 10.88.0.2 81
}

@test "the page has every key of what is listed and shown" {
	web_and_friend
	ctl pod list --json | has_keys "pod list"
	ctl pod show default/web --json | jq 'del(.policy)' | has_keys "pod show" "pod list" stats
	ctl policy list --json | has_keys "policy list"
	ctl rule list --json | has_keys "rule list"
	ctl session list --json | has_keys "session list"
	ctl session list --count --json | has_keys "session list"
	ctl session show 10.88.0.3 10.88.0.2:80 --json | has_keys "session list"
	ctl session flush --all --dry-run --json | has_keys "session flush"
	ctl stats --json | has_keys stats
	ctl top --count 1 --json | has_keys top
	ctl pressure --json | has_keys pressure
	ctl settings --json | has_keys settings
	ctl version --json | has_keys version
	{ ctl doctor --json || true; } | has_keys doctor
}

@test "the page has every key of what explains, judges and changes policies" {
	web_and_friend
	ctl explain --from 10.88.0.3 --to 10.88.0.2:80/tcp --json | has_keys explain
	ctl explain --from 10.88.0.2 --to 10.88.0.3/icmp --json | has_keys explain
	from=$(ctl session list default/web --json | jq -r '.[0].from')
	run -0 ctl explain --from "$from" --to 10.88.0.2:80/tcp --json
	expect session true "$(jq '.legs[1].session.goesOn' <<<"$output")"
	has_keys explain <<<"$output"
	printf '%s\n' '{"name": "open", "selector": {"pod": "web"}, "ingress": {"rules": [{"id": 1, "action": "allow"}]}}' >"$BATS_TEST_TMPDIR/open.json"
	ctl policy lint "$BATS_TEST_TMPDIR/open.json" --json | has_keys "policy lint"
	ctl policy compile "$BATS_TEST_TMPDIR/open.json" --entries --json | has_keys "policy compile"
	ctl policy apply "$BATS_TEST_TMPDIR/open.json" --json | has_keys "policy apply" "policy reload"
	ctl policy reload --json | has_keys "policy reload"
	ctl pinhole add default/web in tcp 10.88.0.9:40000 81 --for 1m --json | has_keys "pinhole list"
	ctl pinhole list --json | has_keys "pinhole list"
	ctl pinhole del default/web in tcp 10.88.0.9:40000 81 --json | has_keys "pinhole del"
}

@test "the page has every key of an event" {
	web_and_friend
	lab timeout --foreground -k 10 10 "$RINGFENCE_DIRECTORY/ringfencectl" monitor --json --count 1 >"$BATS_TEST_TMPDIR/events" 2>/dev/null 3>&- 4>&- &
	for _ in {1..50}; do
		reaches_not friend tcp 10.88.0.2 81
		[ ! -s "$BATS_TEST_TMPDIR/events" ] || break
	done
	wait $!
	has_keys monitor <"$BATS_TEST_TMPDIR/events"
}
