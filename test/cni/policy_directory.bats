#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# policyDir: documents of the node that are joined with the configuration's policy. Each test has its own host.

setup() {
	load helpers.bash
	warm_host
	pod web 2
	pod friend 3
	serve web tcp 80
	serve web tcp 81
}

teardown() {
	stop_host
}

document() { # FILE <TEXT
	lab sh -c "mkdir -p '$(dirname "$1")' && cat >'$1'"
}

@test "a document chosen by namespace and pod name is joined with the configuration's policy" {
	document /etc/ringfence/policy.d/10-web.json <<-END
		{"selector": {"namespace": "default", "pod": "w*"}, "ingress": {"rules": [$(allow 1 tcp 80)]}}
	END
	document /etc/ringfence/policy.d/20-other.json <<-END
		{"selector": {"namespace": "other"}, "ingress": {"rules": [$(allow 2 tcp 81)]}}
	END
	succeeds ADD web '.policy = {name: "node", ingress: {default: "allow"}}'
	reaches friend tcp 10.88.0.2 80
	reaches_not friend tcp 10.88.0.2 81
	expect policy "node+10-web" "$(ctl pod list | awk '/default\/web/ { print $4 }')"
	succeeds CHECK web '.policy = {name: "node", ingress: {default: "allow"}}'
	succeeds DEL web
}

@test "policyDir names another directory" {
	document /etc/ringfence/policy.d/10-closed.json <<<'{"ingress": {}}'
	document /etc/net.policies/open.json <<<"{\"ingress\": {\"rules\": [$(allow 1 tcp 80)]}}"
	succeeds ADD web '.policyDir = "/etc/net.policies"'
	reaches friend tcp 10.88.0.2 80
	reaches_not friend tcp 10.88.0.2 81
}

@test "a broken document makes ADD fail with file, line and reason, and DEL does not mind" {
	document /etc/ringfence/policy.d/10-web.json <<-'END'
		{"ingress": {
		  "rules": [{"id": 1, "action": "allow", "peers": ["10.88.0.300"]}]}}
	END
	refuses 7 web . '/etc/ringfence/policy.d/10-web.json: line 2: ingress.rules[0].peers[0]: "10.88.0.300"'
	document /etc/ringfence/policy.d/10-web.json <<<'{"ingress": {'
	refuses 6 web . '/etc/ringfence/policy.d/10-web.json: not valid JSON: line 2, column 1'
	succeeds DEL web
	document /etc/ringfence/policy.d/10-web.json <<<"{\"ingress\": {\"rules\": [$(allow 1 tcp 80)]}}"
	succeeds ADD web
	reaches friend tcp 10.88.0.2 80
}

@test "an id that stands for different rules is refused, with both documents" {
	document /etc/ringfence/policy.d/10-web.json <<<"{\"ingress\": {\"rules\": [$(allow 1 tcp 80)]}}"
	refuses 7 web "$(policy "$(allow 1 tcp 81)")" \
		"rule id 1 stands for different rules in the network configuration's policy and in /etc/ringfence/policy.d/10-web.json"
}

@test "a policyDir that is not there is refused; the usual one need not be there" {
	refuses 7 web '.policyDir = "/etc/net.policies"' "policyDir: read directory /etc/net.policies: No such file"
	lab test ! -e /etc/ringfence/policy.d
	succeeds ADD web
}

# A rule of each of three documents, one that two of them have, and a default of two.
joined_web() { # NAME: of the configuration's own document, as JSON
	document /etc/ringfence/policy.d/10-base.json <<-END
		{"name": "base", "ingress": {"rules": [$(allow 1 tcp 80 | jq -c '.log = true'), $(allow 5 tcp 85)]}}
	END
	document /etc/ringfence/policy.d/20-web.json <<-END
		{"ingress": {"default": "allow", "rules": [{"id": 3, "action": "deny", "protocol": "tcp", "ports": ["81"]}, $(allow 5 tcp 85)]}}
	END
	succeeds ADD web ".policy = {ingress: {rules: [$(allow 7 tcp 80-84)]}} + $1"
	succeeds ADD friend .
}

# denied_by PORT: what monitor says of a packet from friend to web
denied_by() {
	lab timeout --foreground -k 10 120 "$RINGFENCE_DIRECTORY/ringfencectl" monitor --port "$1" --count 1 >"$BATS_TEST_TMPDIR/seen" 2>/dev/null 3>&- 4>&- &
	for _ in {1..50}; do
		reaches_not friend tcp 10.88.0.2 "$1"
		[ ! -s "$BATS_TEST_TMPDIR/seen" ] || break
	done
	wait $!
	sed 's/.*: //' "$BATS_TEST_TMPDIR/seen"
}

@test "each rule, and the default, is shown under the document that it is from" {
	joined_web '{name: "node"}'
	expect "rule list" "1 base 3 20-web 5 base+20-web 7 node default node+base default node+base+20-web" \
		"$(ctl rule list default/web | awk 'NR > 1 { print $4, $2 }' | sort | xargs)"
	ctl policy show default/web >"$BATS_TEST_TMPDIR/shown"
	grep -qE '^ +1  allow tcp 80, log \(base\)$' "$BATS_TEST_TMPDIR/shown"
	grep -qE '^ +5  .* \(base\+20-web\)$' "$BATS_TEST_TMPDIR/shown"
	grep -qE '^ +default  deny \(node\+base\)$' "$BATS_TEST_TMPDIR/shown"
	ctl pod show default/web | grep -qE ' 7 allow tcp 80-84 \(node\)$'

	run -0 ctl explain --from 10.88.0.3 --to 10.88.0.2:80/tcp
	[[ $output == *'"node+base+20-web", rule 1 (base): allow tcp 80'*'without it: rule 7 (node): allow tcp 80-84'* ]]
	run -4 ctl explain --from 10.88.0.3 --to 10.88.0.2:99/tcp
	[[ $output == *'"node+base+20-web": no rule matches; default (node+base): deny'* ]]

	reaches friend tcp 10.88.0.2 80
	ctl session list default/web | grep -qF ' rule 1 (base) '
	ctl session show 10.88.0.3 10.88.0.2:80 | grep -qE '^by +rule 1 \(base\)$'
	port=$(ctl session list default/web --json | jq -r '.[0].podEnd.port, .[0].peerEnd.port' | grep -v '^80$')
	run -0 ctl explain --from "10.88.0.3:$port" --to 10.88.0.2:80/tcp
	[[ $output == *"which rule 1 (base) allows: it goes on by that"* ]]

	expect "a rule that denies" "rule-deny 3 (20-web)" "$(denied_by 81)"
	expect "the default that denies" "default-deny (node+base)" "$(denied_by 99)"
}

@test "JSON names the document beside the rule, also of a default, and none where it has no name" {
	joined_web '{}'
	serve web tcp 84
	expect "rule list" '[1,"base"] [3,"20-web"] [5,"base+20-web"] [7,null] [null,"base"] [null,"base+20-web"]' \
		"$(ctl rule list default/web --json | jq -c '.[] | [.rule, .document]' | sort | xargs -d '\n')"
	expect "explain, a rule" '["base","base",null,"base+20-web"]' "$(ctl explain --from 10.88.0.3 --to 10.88.0.2:80/tcp --json |
		jq -c '.legs[1] | [.document, .byDocument.document, .next.document, .policy]')"
	expect "explain, the default" '[null,"base","base"]' "$({ ctl explain --from 10.88.0.3 --to 10.88.0.2:99/tcp --json || true; } |
		jq -c '.legs[1] | [.rule, .document, .byDocument.document]')"
	expect "explain, the node itself" '["host-access",null]' "$(ctl explain --from 10.88.0.1 --to 10.88.0.2:99/tcp --json |
		jq -c '.legs[0] | [.reason, .document]')"

	reaches friend tcp 10.88.0.2 80
	reaches friend tcp 10.88.0.2 84
	ctl pinhole add default/web in tcp 10.88.0.9:40000 81 --rule 5
	expect sessions '[1,"base"] [7,null]' "$(ctl session list default/web --json | jq -c '.[] | [.rule, .document]' | sort | xargs -d '\n')"
	from=$(ctl session list default/web --rule 1 --json | jq -r '.[0].from')
	expect "explain, a session" '[1,"base"]' "$(ctl explain --from "$from" --to 10.88.0.2:80/tcp --json |
		jq -c '.legs[1].session | [.rule, .document]')"
	expect "explain, a pinhole" '[5,null]' "$(ctl explain --from 10.88.0.9:40000 --to 10.88.0.2:81/tcp --json |
		jq -c '.legs[0] | [.rule, .document]')"

	lab timeout --foreground -k 10 120 "$RINGFENCE_DIRECTORY/ringfencectl" monitor --json --pod default/web --port 99 --count 1 \
		>"$BATS_TEST_TMPDIR/seen" 2>/dev/null 3>&- 4>&- &
	for _ in {1..50}; do
		reaches_not friend tcp 10.88.0.2 99
		[ ! -s "$BATS_TEST_TMPDIR/seen" ] || break
	done
	wait $!
	expect event '["default-deny",null,"base","base+20-web"]' "$(jq -c '[.reason, .rule, .document, .policy]' "$BATS_TEST_TMPDIR/seen")"
}

@test "a rule of a configuration whose policy has no name is not shown under another's" {
	joined_web '{}'
	serve web tcp 82
	expect "rule list" "1 base 3 20-web 5 base+20-web 7 - default base default base+20-web" \
		"$(ctl rule list default/web | awk 'NR > 1 { print $4, $2 }' | sort | xargs)"
	run -0 ctl explain --from 10.88.0.3 --to 10.88.0.2:82/tcp
	[[ $output == *'"base+20-web", rule 7 (no name): allow tcp 80-84'* ]]
	reaches friend tcp 10.88.0.2 82
	ctl session list default/web | grep -qF ' rule 7 (no name) '
}
