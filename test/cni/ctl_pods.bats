#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# ringfencectl pod list, pod show and stats: which pods there are, how they are called, and what is so of each.

setup() {
	load helpers.bash
	warm_host
}

teardown() {
	stop_host
}

closed="$(
	load helpers.bash
	policy "$(allow 7 tcp 80 10.88.0.3 fd00:88::3)"
) | .policy.name = \"web\""
limited='.mode = "audit" | .limits = {newFlowsPerSecond: 100, newFlowsBurst: 200, sessions: 5000}
	| .runtimeConfig = {bandwidth: {ingressRate: 8000000, egressRate: 9000000, egressBurst: 1000000}}'

web_and_friend() {
	pod web 2
	pod friend 3
	serve web tcp 80
	succeeds ADD web "$closed"
	succeeds ADD friend
}

# value FILTER: of the JSON in $output
value() {
	jq -r "$1" <<<"$output"
}

@test "pod list names each pod with addresses, interface, attachment, policy and mode" {
	web_and_friend
	run -0 ctl pod list
	[[ ${lines[0]} == "POD "*INTERFACE*ATTACH*POLICY*MODE*INGRESS*EGRESS*ADDRESSES ]]
	[[ ${lines[1]} == "default/friend "*" v3 "*" - "*unrestricted*unrestricted* ]]
	[[ ${lines[2]} == "default/web "*" v2 "*" $(modes | head -n 1) "*" web "*" enforce "*"1 rule, then deny"*unrestricted*"10.88.0.2,fd00:88::2" ]]
	expect lines 3 "${#lines[@]}"
}

@test "pod list and pod show say which pod is audited, and what is limited" {
	web_and_friend
	succeeds ADD web "$closed | $limited"
	run -0 ctl pod list
	expect modes "default/friend enforce default/web audit" \
		"$(awk '$1 ~ "^default/" { print $1, $5 }' <<<"$output" | sort | xargs)"
	run -0 ctl pod list --json
	expect limits '{"newFlowsPerSecond":100,"newFlowsBurst":200,"sessions":5000}' \
		"$(jq -c '.[] | select(.name == "web") | .limits' <<<"$output")"
	run -0 ctl pod show default/web
	[[ $output == *"at most 100 new flows a second, 200 at once"*"at most 5000 sessions"* ]]
	[[ $output == *"at most 8000000 bits a second to the pod"*"at most 9000000 bits a second from the pod"* ]]
}

@test "pod show has everything of one pod" {
	web_and_friend
	reaches friend tcp 10.88.0.2 80
	reaches_not friend tcp 10.88.0.2 81
	run -0 ctl pod show default/web
	for line in 'pod +default/web' 'network +net' 'container +web' 'interface +eth0' 'addresses +10.88.0.2' ' +fd00:88::2' \
		'host interface +v2, ifindex [0-9]+' "attached +$(modes | head -n 1)" 'mode +enforce' 'anti-spoofing +on' \
		'host access +allowed' 'ether types +arp' 'policy +web, id [0-9]+' 'ingress +1 rule, then deny' \
		' +7 allow tcp 80 from 10.88.0.3,fd00:88::3' 'egress +unrestricted' 'sessions +1' 'to the pod +[1-9][0-9]* packets.*' \
		'denied +[1-9][0-9]* packets' ' +ingress default-deny: [1-9].*'; do
		grep -qxE "$line" <<<"$output" || fail "no line \"$line\" in:" "$output"
	done
	run -0 ctl pod show web --json
	expect "of the record" "default/web net web eth0 v2 10.88.0.2" \
		"$(value '"\(.pod) \(.network) \(.container) \(.interface) \(.hostInterface) \(.addresses[0])"')"
	expect "of the maps" "true 1 true" "$(value '"\(.antiSpoof) \(.sessions) \(.loaded)"')"
	expect "of the policy" "web 7 allow" "$(value '"\(.policy) \(.policyDocument.ingress.rules[0] | "\(.id) \(.action)")"')"
	[ "$(value '[.counters[] | select(.reason == "default-deny") | .packets] | add')" -ge 1 ]
}

@test "a pod is known by its container's id, and by the eight or more characters that it begins with" {
	pod web 2
	succeeds ADD web . CNI_CONTAINERID=0123456789abcdef
	for name in default/web 0123456789abcdef 01234567 0123456789ab net/0123456789abcdef/eth0; do
		run -0 ctl pod show "$name"
		[[ $output == *"default/web"* ]]
	done
	for name in 0123456 123456789 default/we net/0123456789abcdef; do
		run -1 ctl pod show "$name"
		[[ $output == *"no pod $name (ringfencectl pod list)"* ]]
	done
	for command in "stats default/nobody" "session list default/nobody" "session flush default/nobody" "monitor --pod default/nobody"; do
		# shellcheck disable=SC2086 # words
		run -1 ctl $command
		[[ $output == *"no pod default/nobody"* ]]
	done
}

@test "a name that stands for two interfaces, networks or containers is refused with all of them" {
	pod web 2
	interface web eth1 12
	succeeds ADD web
	IFNAME=eth1 succeeds ADD web '.name = "other"'
	for command in "pod show" stats "session list" "session flush"; do
		# shellcheck disable=SC2086 # words
		run -1 ctl $command default/web
		[[ $output == *"several are called default/web"*"net/web/eth0, other/web/eth1"* ]]
	done
	run -0 ctl pod show other/web/eth1
	[[ $output == *"v12, "* ]]
	expect listed 2 "$(ctl pod list | grep -c '^default/web ')"
	# Its earlier container is not deleted yet.
	pod again 4
	succeeds ADD again . "CNI_ARGS=IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=web"
	run -1 ctl pod show default/web
	[[ $output == *"net/again/eth0, net/web/eth0, other/web/eth1"* ]]
}

@test "a table holds for names that are long, and for those of other alphabets" {
	local long

	long=$(printf 'x%.0s' {1..200})
	pod web 2
	pod friend 3
	succeeds ADD web '.policy = {name: "grün-東京", ingress: {}}'
	succeeds ADD friend '.policy = {name: "web", ingress: {}}'
	run -0 ctl pod list
	# The column behind begins at the same place: 東京 is two characters, and four columns wide.
	expect "column behind" "$(mode_column "${lines[1]}")" "$(mode_column "${lines[2]}")"
	succeeds ADD friend ".policy = {name: \"$long\", ingress: {}}"
	run -0 ctl pod list
	[[ ${lines[1]} == *" $long  enforce "* ]]
	((${#lines[2]} < 200)) || fail "one long name has made all lines long"
}

# mode_column LINE: in which column "enforce" stands
mode_column() {
	/usr/bin/python3 -c 'import sys, unicodedata
print(sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in sys.argv[1].split("enforce")[0]))' "$1"
}

@test "a record that cannot be read is told of, with exit status 1, and the others are listed" {
	web_and_friend
	# stats lists what has had packets.
	reaches friend tcp 10.88.0.2 80
	echo '{}' | lab tee "$RUN/attachments/net/broken:eth0.json" >/dev/null
	for command in "pod list" stats; do
		# shellcheck disable=SC2086 # words
		run -1 ctl $command
		[[ $output == *"broken:eth0.json: not a record of ringfence"* && $output == *default/web* ]]
	done
	lab rm "$RUN/attachments/net/broken:eth0.json"
}

@test "stats has totals, and can be cut down by reason and direction" {
	web_and_friend
	reaches friend tcp 10.88.0.2 80
	reaches_not friend tcp 10.88.0.2 81
	run -0 ctl stats default/web
	sum=$(awk '$1 == "default/web" && $2 == "ingress" && $3 == "allow" { sum += $5 } END { print sum }' <<<"$output")
	expect total "$sum" "$(awk '$1 == "total" && $2 == "ingress" && $3 == "allow" { print $5 }' <<<"$output")"
	run -0 ctl stats --reason default-deny,rule-deny --direction ingress
	expect reasons default-deny "$(awk '$1 ~ "^default/" { print $4 }' <<<"$output" | sort -u)"
	run -2 ctl stats --reason nothing
	[[ $output == *'--reason knows no "nothing"'*default-deny* ]]
	run -2 ctl stats --direction up
}

@test "stats --json has an object for each pod, and one for what is of none" {
	web_and_friend
	reaches friend tcp 10.88.0.2 80
	run -0 ctl stats --json
	expect pods "default/friend default/web null" "$(value '[.[].pod] | map(. // "null") | join(" ")')"
	expect packets "$(packets web ingress rule-allow)" \
		"$(value '.[] | select(.pod == "default/web") | .counters[] | select(.reason == "rule-allow") | .packets')"
	expect lost 0 "$(value '[.[].eventsLost[][]] | add')"
}
