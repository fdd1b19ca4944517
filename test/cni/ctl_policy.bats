#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# ringfencectl policy and rule: which policies are in force, who has hit which rule, and what is wrong with a document.

setup() {
	load helpers.bash
	warm_host
}

teardown() {
	stop_host
}

closed="$(
	load helpers.bash
	policy "$(allow 7 tcp 80 10.88.0.3 fd00:88::3), {\"id\": 8, \"action\": \"deny\", \"protocol\": \"tcp\",
		\"ports\": [\"81\"], \"priority\": 5, \"log\": true}"
) | .policy.name = \"web\""

web_and_friend() {
	pod web 2
	pod friend 3
	serve web tcp 80
	succeeds ADD web "$closed"
	succeeds ADD friend
}

# document NAME <JSON: a file for lint and compile
document() {
	cat >"$BATS_TEST_TMPDIR/$1.json"
}

hits() { # RULE DIRECTION: flows, denied and audited of the policy "web"
	ctl rule list default/web --json |
		jq -r --arg rule "$1" --arg direction "${2:-ingress}" '.[] |
			select((.rule // "default" | tostring) == $rule and .direction == $direction) | "\(.flows) \(.denied) \(.audited)"'
}

@test "a terminal is shown no document's name that it would obey" {
	pod web 2
	pod friend 3
	succeeds ADD web ".policyDir = \"$BATS_TEST_TMPDIR\""
	# shellcheck disable=SC2016 # of jq
	jq -n '{name: "w\u001b[31meb\u202e", selector: {pod: "web"}, ingress: {default: "deny"}}' >"$BATS_TEST_TMPDIR/web.json"
	for words in "policy reload --dry-run" "policy reload" "policy reload --verbose" "policy list" "policy show default/web" "rule list" \
		"pod list" "pod show default/web" "explain --from 10.88.0.3 --to 10.88.0.2:80/tcp"; do
		# shellcheck disable=SC2086 # words
		run ctl $words
		[[ $output == *'w?[31meb???'* && $output != *$'\033'* ]] || fail "$words:" "$output"
	done
	expect "for programs" $'w\033[31meb\u202e' "$(ctl policy list --json | jq -r '.[].policy // empty')"
}

@test "rule list: hits by document and id, flows once and each denied packet" {
	web_and_friend
	run -0 ctl rule list default/web
	[[ ${lines[0]} == POLICY*DOCUMENT*DIRECTION*RULE*FLOWS*DENIED*AUDITED*"LAST HIT"*TEXT ]]
	# In order of precedence.
	[[ ${lines[1]} == *web*ingress*" 8 "*"deny tcp 81, priority 5, log" ]]
	[[ ${lines[2]} == *web*ingress*" 7 "*"allow tcp 80 from 10.88.0.3,fd00:88::3" ]]
	[[ ${lines[3]} == *ingress*default*deny && ${lines[4]} == *egress*default*"allow, not restricted" ]]
	expect none "0 0 0" "$(hits 7)"
	dial live friend 10.88.0.2 80
	for _ in 1 2 3; do exchange live; done
	reaches_not friend tcp 10.88.0.2 81
	reaches_not friend tcp 10.88.0.2 82
	expect "flows of rule 7" "1 0 0" "$(hits 7)"
	[[ "$(hits 8)" =~ ^0\ [1-9][0-9]*\ 0$ && "$(hits default)" =~ ^0\ [1-9][0-9]*\ 0$ ]]
	last=$(ctl rule list default/web --json | jq -r '.[] | select(.rule == 7) | .lastHit | fromdate')
	((last >= EPOCHSECONDS - 120 && last <= EPOCHSECONDS + 1))
	expect packets "$(packets web ingress rule-deny)" "$(hits 8 | cut -d' ' -f2)"
	run -1 ctl rule list default/nobody
	[[ $output == *"no pod default/nobody"* ]]
}

@test "rule list: what is audited is told apart; the hits of a policy go with it, and another begins at zero" {
	web_and_friend
	succeeds ADD web "$closed"' | .mode = "audit"'
	lab ip netns exec friend bash -c 'echo x >/dev/udp/10.88.0.2/53'
	[[ "$(hits default)" =~ ^0\ 0\ [1-9]$ ]]
	used() { ctl pressure | awk '$1 == "rule_counters" { print $2 }'; }
	(($(used) >= 1))
	succeeds DEL web "$closed"' | .mode = "audit"'
	succeeds DEL friend
	expect "entries that are left" 0 "$(used)"
}

@test "policy list: pods, rules and entries by policy, equal documents once" {
	web_and_friend
	pod second 4
	succeeds ADD second "$closed"
	run -0 ctl policy list
	expect lines 3 "${#lines[@]}"
	[[ ${lines[0]} == POLICY*DOCUMENT*INGRESS*EGRESS*PEERS*CLASSES*SERVICES*SHARED*PODS ]]
	expect web '["web",2,null,["default/second","default/web"]]' \
		"$(ctl policy list --json | jq -c '.[] | select(.policy == "web") | [.policy, .ingressRules, .egressRules, (.pods | sort)]')"
	# All entries are somebody's, and only those.
	expect peers "$(ctl pressure | awk '$1 == "peers" { print $2 }')" "$(ctl policy list --json | jq 'map(.peers) | add')"
	used=$(ctl pressure | awk '$1 == "services" { print $2 }')
	ctl policy list --json | jq -e --argjson used "$used" \
		'(map(.services - .shared) | add) + (map(.shared) | max) == $used'
}

@test "policy show: by id, pod and name; its JSON is the document" {
	web_and_friend
	run -0 ctl policy show default/web
	[[ ${lines[0]} == 'policy '*' "web", of default/web' && ${lines[1]} == ingress: ]]
	[[ ${lines[2]} == *" 8  deny tcp 81, priority 5, log" && ${lines[3]} == *" 7  allow tcp 80 from 10.88.0.3,fd00:88::3" ]]
	[[ ${lines[4]} == *"default  deny" && ${lines[5]} == "egress: not restricted" ]]
	text=$output id=$(ctl policy list --json | jq -r '.[] | select(.policy == "web") | .policyId')
	expect "by id" "$text" "$(ctl policy show "$id")"
	expect "by name" "$text" "$(ctl policy show web)"
	expect rules '[8,7]' "$(ctl policy show web --json | jq -c '[.ingress.rules[].id]')"
	ctl policy show web --json | document again
	run -0 ctl policy apply "$BATS_TEST_TMPDIR/again.json"
	[[ $output == *"default/web: unchanged"* ]]
	run -1 ctl policy show nobody
	[[ $output == *"nobody is no policy's id, no pod, and the name of no document"* ]]
}

@test "doctor and lint: a terminal is shown no path that it would obey" {
	warm_host
	directory=/etc/ringfence/$'\e[31mred'
	lab mkdir -p "$directory"
	pod web 2
	succeeds ADD web '.policyDir = "/etc/ringfence/\u001b[31mred"'
	lab tee "$directory/broken.json" <<<'{"ingress": 1}'
	for words in doctor "policy lint"; do
		[ "$words" = doctor ] || words+=" $directory"
		# shellcheck disable=SC2086 # words
		run ctl $words
		[[ $output == *'?[31mred'* && ! $output =~ [^[:print:][:space:]] ]] || fail "$words:" "$output"
	done
}

@test "policy apply --json: each pod with its result, and the reason where it kept its policy" {
	web_and_friend
	document open <<<'{"name": "open", "selector": {"pod": "web"}, "ingress": {"default": "allow"}}'
	run -0 --separate-stderr ctl policy apply "$BATS_TEST_TMPDIR/open.json" --json
	expect report '{"pods":[{"pod":"default/web","namespace":"default","name":"web","network":"net","container":"web","interface":"eth0","result":"changed","policy":"open","error":null}],"changed":1,"unchanged":0,"failed":0}' \
		"$output"
	expect again '"unchanged"' "$(ctl --json policy apply "$BATS_TEST_TMPDIR/open.json" | jq '.pods[].result')"
	document nobody <<<'{"selector": {"pod": "nobody"}, "ingress": {}}'
	run -1 --separate-stderr ctl policy apply "$BATS_TEST_TMPDIR/nobody.json" --json
	expect none '{"pods":[],"changed":0,"unchanged":0,"failed":0}' "$output"
	jq -n '{name: "large", selector: {pod: "web"}, ingress: {rules: [range(70000) | {id: (. + 1), action: "allow",
		peers: ["10.\(. / 65536 | floor).\(. / 256 % 256 | floor).\(. % 256)"], priority: .}]}}' | document large
	run -1 --separate-stderr ctl policy apply "$BATS_TEST_TMPDIR/large.json" --json
	expect failed "web failed 103 1" "$(jq -r '"\(.pods[0].name) \(.pods[0].result) \(.pods[0].error.code) \(.failed)"' <<<"$output")"
	expect kept '"open"' "$(ctl pod list --json | jq '.[] | select(.name == "web") | .policy')"
}

@test "policy compile: classes and entries, and whether there is room" {
	document small <<<'{"ingress": {"rules": [{"id": 7, "action": "allow", "protocol": "tcp", "ports": ["80-90"], "peers": ["10.0.0.0/8"]},
		{"id": 8, "action": "reject", "protocol": "icmp", "ports": ["8"]}]}}'
	run -0 ctl policy compile "$BATS_TEST_TMPDIR/small.json" --entries
	[[ ${lines[0]} == classes*[1-9]* && ${lines[1]} == peers*"entries; the map holds 65536, of which "*" are used" ]]
	[[ $output == *ingress*"10.0.0.0/8"* && $output == *"tcp 80-87"*rule-allow*7* && $output == *"icmp 8 "*rule-reject*8* ]]
	[[ $output =~ any\ +default-deny\ +- ]]
	# As many as it then takes.
	pod web 2
	needed=$(ctl policy compile "$BATS_TEST_TMPDIR/small.json" --json | jq -c '[.peers.needed, .services.needed, .classes, .fits]')
	succeeds ADD web ".policy = $(<"$BATS_TEST_TMPDIR/small.json")"
	expect taken "$needed" "$(ctl policy list --json | jq -c '.[] | [.peers, .services, .classes, true]')"
	jq -n '{ingress: {rules: [range(70000) | {id: (. + 1), action: "allow",
		peers: ["10.\(. / 65536 | floor).\(. / 256 % 256 | floor).\(. % 256)"], priority: .}]}}' | document large
	run -1 ctl policy compile "$BATS_TEST_TMPDIR/large.json"
	[[ $output == *"peers "*"entries; the map holds 65536"* && $output == *"does not fit"* ]]
}

@test "policy compile and lint work where nothing is loaded" {
	lab rm -r "$PINS"
	document small <<<'{"ingress": {}}'
	run -0 ctl policy compile "$BATS_TEST_TMPDIR/small.json"
	# shellcheck disable=SC2016 # no command
	[[ $output == *'if `maps` does not say otherwise'* ]]
	run -0 ctl policy lint "$BATS_TEST_TMPDIR/small.json"
	run -3 ctl policy list
}

@test "policy lint: all faults, each with file and line" {
	document broken <<-'END'
		{"ingress": {"rules": [
		  {"id": 1, "action": "alow"},
		  {"id": 2, "action": "allow", "peers": ["10.0.0.1/8"]},
		  {"id": 3,
		   "action": "allow", "protocol": "tcp",
		   "ports": ["80-70"]},
		  {"id": 4, "action": "allow"},
		  {"id": 4, "action": "deny"}]},
		 "egress": {"rules": [{"id": 9}]}}
	END
	file=$BATS_TEST_TMPDIR/broken.json
	run -1 ctl policy lint "$file"
	for line in 2 3 6 8 9; do
		grep -q "^$file:$line: error: " <<<"$output" || fail "no fault in line $line:" "$output"
	done
	expect faults 5 "$(grep -c error: <<<"$output")"
	expect "last line" "5 faults, 0 warnings" "${lines[-1]}"
	expect json '[[2,3,6,8,9],["fault"]]' "$(ctl policy lint --json "$file" | jq -c '[(map(.line) | sort), (map(.level) | unique)]')"
	document torn <<<'{"ingress": '
	run -1 ctl policy lint "$BATS_TEST_TMPDIR/torn.json" "$BATS_TEST_TMPDIR/none.json"
	[[ $output == *"torn.json:"*error:*"none.json: error: read "*"No such file"* ]]
}

@test "policy lint: rules and defaults that never decide, duplicates, and what allows everything" {
	document idle <<-'END'
		{"ingress": {"default": "deny", "rules": [
		  {"id": 1, "action": "deny", "priority": 1, "peers": ["10.0.0.0/9"]},
		  {"id": 2, "action": "deny", "priority": 1, "peers": ["10.128.0.0/9"]},
		  {"id": 3, "action": "allow", "peers": ["10.0.0.0/8"]},
		  {"id": 4, "action": "allow", "peers": ["10.1.0.0/16"], "protocol": "tcp"},
		  {"id": 5, "action": "allow"},
		  {"id": 6, "action": "allow"}]},
		 "egress": {"default": "allow", "rules": []}}
	END
	file=$BATS_TEST_TMPDIR/idle.json
	run -0 ctl policy lint "$file"
	[[ $output == *"$file:4: warning: ingress rule 3 never decides: better rules together match"* ]]
	[[ $output == *"$file:5: warning: ingress rule 4 never decides: rule 1 is better (priority)"* ]]
	[[ $output == *"$file:6: warning: ingress rule 5 allows every protocol with every peer"* ]]
	[[ $output == *"$file:7: warning: ingress rule 6 never decides: it says the same as rule 5"* ]]
	[[ $output == *"ingress's default (deny) never decides"*"egress denies nothing"* ]]
	expect "last line" "0 faults, 6 warnings" "${lines[-1]}"
	document tidy <<<'{"ingress": {"rules": [{"id": 1, "action": "allow", "protocol": "tcp", "ports": ["80"]}]}}'
	run -0 ctl policy lint "$BATS_TEST_TMPDIR/tidy.json"
	expect output "0 faults, 0 warnings" "$output"
}

@test "policy lint DIRECTORY: documents that one pod cannot have together" {
	mkdir "$BATS_TEST_TMPDIR/d"
	document d/a <<<'{"selector": {"namespace": "shop"}, "ingress": {"rules": [{"id": 1, "action": "allow", "protocol": "tcp"}]}}'
	document d/b <<<'{"ingress": {"rules": [{"id": 1, "action": "deny", "protocol": "tcp"}]}}'
	run -1 ctl policy lint "$BATS_TEST_TMPDIR/d"
	[[ $output == *"d/b.json: error: rule id 1 stands for different rules in"*"one pod has together"* ]]
	# No pod is in both; or nobody knows.
	document d/b <<<'{"selector": {"namespace": "bank"}, "ingress": {"rules": [{"id": 1, "action": "deny", "protocol": "tcp"}]}}'
	run -0 ctl policy lint "$BATS_TEST_TMPDIR/d"
	expect output "0 faults, 0 warnings" "$output"
	document d/b <<<'{"selector": {"pod": "web-*"}, "ingress": {"rules": [{"id": 1, "action": "deny", "protocol": "tcp"}]}}'
	run -0 ctl policy lint "$BATS_TEST_TMPDIR/d"
	[[ $output == *"d/b.json: warning: rule id 1 stands for"*"may have together"* ]]
	mkfifo "$BATS_TEST_TMPDIR/d/c.json"
	run -1 ctl policy lint "$BATS_TEST_TMPDIR/d"
	[[ $output == *"c.json: error: is no regular file"* ]]
}

@test "policy delete: pods under the document that was applied get what their configuration says, others stay" {
	web_and_friend
	dial live friend 10.88.0.2 80
	document lock <<-END
		{"name": "lock", "selector": {"pod": "*"}, "ingress": {"default": "deny"}}
	END
	ctl policy apply "$BATS_TEST_TMPDIR/lock.json"
	is_cut live
	run -0 ctl policy delete lock --dry-run
	expect "dry run" "default/friend: would be changed default/web: would be changed: web 2 would be changed, 0 unchanged, 0 failed" "$(xargs <<<"$output")"
	reaches_not friend tcp 10.88.0.2 80
	run -0 ctl policy delete lock --json
	expect result "2 0 0" "$(jq -r '"\(.changed) \(.unchanged) \(.failed)"' <<<"$output")"
	reaches friend tcp 10.88.0.2 80
	reaches_not friend tcp 10.88.0.2 82
	expect web web "$(ctl pod show default/web --json | jq -r .policy)"
	run -1 ctl policy delete lock
	[[ $output == *"no pod is under a document called lock"* ]] || fail "$output"
	# What the configuration itself says is not taken away.
	run -0 ctl policy delete web
	[[ $output == *"default/web: unchanged"*"0 changed, 1 unchanged, 0 failed"* ]]
	reaches_not friend tcp 10.88.0.2 82
}
