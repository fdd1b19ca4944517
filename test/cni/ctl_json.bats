#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# What ringfencectl(8) says of each command's JSON: the keys that are printed are those that it names, they mean the same
# everywhere, and all rows have all of them.

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

# What is not as the page has it for all commands: values by their keys, and rows that lack what others have.
# shellcheck disable=SC2016 # variables of jq
unlike='
	def text: type == "string" and . != "";
	def is($key):
		if $key | IN("pod", "namespace", "network", "container", "interface", "hostInterface", "policy", "document", "policyDir")
		then . == null or text
		elif $key | IN("podId", "policyId", "rule", "ruleNow", "ifindex") then . == null or (type == "number" and . > 0)
		elif $key | IN("direction", "opener") then IN("ingress", "egress")
		elif $key == "verdict" then IN("allow", "deny", "audit", "log")
		elif $key == "level" then IN(null, "ok", "normal", "warning", "fault", "critical")
		elif $key | IN("time", "created", "lastSeen", "ends", "loadedAt", "lastHit")
		then . == null or text and test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}([.][0-9]{9})?Z$")
		elif $key | IN("reason", "mode", "attach", "state", "protocol") then . == null or text
		else true
		end;
	(.. | objects | to_entries[] | .key as $key | select(.value | is($key) | not) | "\($key): \(.value)"),
	(.. | arrays | select(length > 0 and all(type == "object")) | map(keys) | unique | select(length > 1) | "rows with \(.)")'

# has_keys COMMAND [OTHER...] <JSON: each key of it is in the page's text of the command, or of those it refers to, and all
# is as the page has it for all commands.
has_keys() {
	local keys json found

	json=$(jq --slurp .)
	keys=$(jq -r '[.. | objects | keys[]] | unique[]' <<<"$json" | sort -u)
	[ -n "$keys" ] || fail "$1 prints no keys"
	expect "keys of $1 that the page does not have" "" "$(comm -23 <(printf '%s\n' "$keys") <(section "$@"))"
	found=$(jq -r "$unlike" <<<"$json")
	expect "what is unlike others in $1" "" "$found"
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
	# Documents have a page of their own.
	ctl pod show default/web --json | jq '.policyDocument |= {}' | has_keys "pod show" "pod list" stats
	ctl policy list --json | has_keys "policy list"
	ctl rule list --json | has_keys "rule list"
	ctl session list --json | has_keys "session list"
	ctl session list --count --json | has_keys "session list"
	ctl session show 10.88.0.3 10.88.0.2:80 --json | has_keys "session list"
	ctl session flush --all --dry-run --json | has_keys "session flush"
	ctl stats --json | has_keys stats
	ctl top --count 1 --json | has_keys top
	in_pod web ping -q -i 0.1 10.88.0.3 >/dev/null 3>&- 4>&- &
	within 5 has_flows
	has_keys top "session list" <"$BATS_TEST_TMPDIR/flows"
	ctl pressure --json | has_keys pressure
	ctl settings --json | has_keys settings
	ctl version --json | has_keys version
	{ ctl doctor --json || true; } | has_keys doctor
}

has_flows() {
	ctl top --flows --count 1 --json >"$BATS_TEST_TMPDIR/flows" && jq -e '.flows | length > 0' "$BATS_TEST_TMPDIR/flows"
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
	expect "without its entries" "[null,null]" "$(ctl policy compile "$BATS_TEST_TMPDIR/open.json" --json | jq -c '[.peerEntries, .serviceEntries]')"
	ctl policy apply "$BATS_TEST_TMPDIR/open.json" --json | has_keys "policy apply" "policy reload"
	ctl policy reload --json | has_keys "policy reload"
	ctl pinhole add default/web in tcp 10.88.0.9:40000 81 --for 1m --json | has_keys "pinhole list"
	ctl pinhole add default/web both 47 10.88.0.9 --rule 5 --deny >/dev/null
	ctl pinhole list --json | has_keys "pinhole list"
	ctl pinhole del default/web in tcp 10.88.0.9:40000 81 --json | has_keys "pinhole del"
}

# event FILTER... : the first one that it lets through, while friend sends this and that
event() {
	lab timeout --foreground -k 10 120 "$RINGFENCE_DIRECTORY/ringfencectl" monitor --json --count 1 "$@" >"$BATS_TEST_TMPDIR/event" 2>/dev/null 3>&- 4>&- &
	for _ in {1..50}; do
		reaches_not friend tcp 10.88.0.2 81
		in_pod friend /usr/bin/python3 -c 'import socket
frame = bytes(6 * [255]) + bytes(6 * [2]) + bytes([0x88, 0xcc]) + bytes(46)
socket.socket(socket.AF_PACKET, socket.SOCK_RAW).sendto(frame, ("eth0", 0x88cc))'
		[ ! -s "$BATS_TEST_TMPDIR/event" ] || break
	done
	wait $!
	cat "$BATS_TEST_TMPDIR/event"
}

@test "the page has every key of an event, and events of any kind have the same" {
	web_and_friend
	{ event --reason default-deny && event --reason ether-type-deny; } >"$BATS_TEST_TMPDIR/events"
	expect kinds "0x0800 0x88cc" "$(jq -r .etherType "$BATS_TEST_TMPDIR/events" | xargs)"
	has_keys monitor <"$BATS_TEST_TMPDIR/events"
}

@test "a pod that has no record is null for programs, and for people it is said" {
	web_and_friend
	ctl pinhole add default/web in 47 10.88.0.9 >/dev/null
	lab rm "$RUN/attachments/net/web:eth0.json"
	expect "policy list" '["web",[null]]' "$(ctl policy list --json | jq -c '.[] | select(.policy == "web") | [.policy, .pods]')"
	expect "pinhole list" '[null,null,true]' "$(ctl pinhole list --json | jq -c '.[] | [.pod, .container, .podId > 0]')"
	expect "session list" '[null,null,true]' "$(ctl session list --json | jq -c '.[] | select(.direction == "ingress") | [.pod, .container, .podId > 0]')"
	for command in "policy list" "pinhole list" "session list"; do
		# shellcheck disable=SC2086 # words
		ctl $command | grep -qF "(no record)" || fail "$command"
	done
}

@test "what cannot be told is null: of a pod whose document is gone, and of no pod" {
	web_and_friend
	lab sh -c "rm $RUN/policies/*/*.policy"
	run ctl pod list --json
	has_keys "pod list" <<<"$output"
	expect "pod list" "[null,null,null,true]" "$(jq -c '.[0] | [.policy, .ingress, .egress, (.fault | length > 0)]' <<<"$output")"
	run ctl pod show default/web --json
	expect "pod show" "[null,null]" "$(jq -c '[.policy, .policyDocument]' <<<"$output")"
	run ctl explain --from 10.88.0.3 --to 10.88.0.2:80/tcp --json
	expect explain "[null,null,null,null]" "$(jq -c '.legs[1] | [.policy, .restricted, .byDocument, .next]' <<<"$(head -n 1 <<<"$output")")"
	expect stats "[null,null,null]" "$(ctl stats --json | jq -c '.[-1] | [.pod, .network, .interface]')"
}
