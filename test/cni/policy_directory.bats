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
		"rule id 1 stands for different rules in /etc/ringfence/policy.d/10-web.json and in the network configuration's policy"
}

@test "a policyDir that is not there is refused; the usual one need not be there" {
	refuses 7 web '.policyDir = "/etc/net.policies"' "policyDir: read directory /etc/net.policies: No such file"
	lab test ! -e /etc/ringfence/policy.d
	succeeds ADD web
}
