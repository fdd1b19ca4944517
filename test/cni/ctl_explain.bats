#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# ringfencectl explain: what it says of a flow is what then happens to it, and it leaves no trace.

setup() {
	load helpers.bash
	warm_host
}

teardown() {
	stop_host
}

closed="$(
	load helpers.bash
	policy "$(allow 7 tcp 80 10.88.0.0/24 fd00:88::/64), $(allow 9 tcp 80-90 10.88.0.3),
		{\"id\": 8, \"action\": \"reject\", \"protocol\": \"tcp\", \"ports\": [\"81\"]}"
) | .policy.name = \"web\""

web_and_friend() {
	pod web 2
	pod friend 3
	serve web tcp 80
	succeeds ADD web "$closed"
	succeeds ADD friend
}

# explained FROM TO FILTER: what jq finds in the answer as JSON
explained() {
	ctl explain --from "$1" --to "$2" --json | jq -r "$3"
}

@test "explain names pods, directions, the document's rule, why it matches, and the next best" {
	web_and_friend
	run -0 ctl explain --from 10.88.0.3 --to 10.88.0.2:80/tcp
	[[ ${lines[0]} == "10.88.0.3:"*" > 10.88.0.2:80 tcp (source port assumed: no session has it)" ]]
	[[ $output == *"default/friend egress: allow (default-allow)"*"egress is not restricted"* ]]
	[[ $output == *"default/web ingress: allow (rule-allow)"*'"web", rule 7: allow tcp 80 from 10.88.0.0/24,fd00:88::/64'* ]]
	[[ $output == *"matches, as 10.88.0.3 is in 10.88.0.0/24, and the port is 80"* ]]
	[[ $output == *"without it: rule 9: allow tcp 80-90 from 10.88.0.3"* ]]
	expect "last line" allowed "${lines[-1]}"
	reaches friend tcp 10.88.0.2 80
}

@test "explain: a flow that is denied is exit status 4, by a rule or by the default" {
	web_and_friend
	run -4 ctl explain --from 10.88.0.3 --to 10.88.0.2:81/tcp
	[[ $output == *"default/web ingress: deny (rule-reject)"*"rule 8: reject tcp 81"*"without it: rule 9"*denied ]]
	run -4 ctl explain --from fd00:88::3 --to '[fd00:88::2]:82/tcp'
	[[ $output == *"default/web ingress: deny (default-deny)"*"no rule matches; default: deny"*denied ]]
	reaches_not friend tcp 10.88.0.2 81
	# Each leg has to allow it.
	succeeds ADD friend "$(policy "" egress)"
	run -4 ctl explain --from 10.88.0.3 --to 10.88.0.2:80/tcp
	[[ $output == *"default/friend egress: deny (default-deny)"*"default/web ingress: allow (rule-allow)"*denied ]]
	reaches_not friend tcp 10.88.0.2 80
}

@test "explain --json has the same" {
	web_and_friend
	expect verdict allow "$(explained 10.88.0.3 10.88.0.2:80/tcp .verdict)"
	expect legs "default/friend egress default-allow null default/web ingress rule-allow 7" \
		"$(explained 10.88.0.3 10.88.0.2:80/tcp '[.legs[] | .pod, .direction, .reason, .rule] | map(tostring) | join(" ")')"
	expect rules '["web",7,"10.88.0.0/24","80",9,true]' \
		"$(explained 10.88.0.3 10.88.0.2:80/tcp '.legs[1] | [.policy, .byDocument.rule, .byDocument.peer,
			.byDocument.ports, .next.rule, .agrees] | tojson')"
	expect assumed '[true,false]' \
		"$(jq -cn --argjson a "$(explained 10.88.0.3 10.88.0.2:80/tcp .assumed)" \
			--argjson b "$(explained 10.88.0.3:4711 10.88.0.2:80/tcp .assumed)" '[$a, $b]')"
}

@test "explain knows the node itself, and who is neither" {
	web_and_friend
	run -0 ctl explain --from 10.88.0.1 --to 10.88.0.2:81/tcp
	[[ $output == *"from this node itself"*"default/web ingress: allow (host-access)"*"above the rules"*"rule 8"*allowed ]]
	run -0 ctl explain --from 10.88.0.2 --to 10.88.0.1:53/udp
	[[ $output == *"to this node itself"*"default/web egress: allow"* ]]
	run -4 ctl explain --from 192.0.2.1 --to 10.88.0.2:80/tcp
	[[ $output == *"default/web ingress: deny (default-deny)"* ]]
	run -1 ctl explain --from 192.0.2.1 --to 192.0.2.2:80/tcp
	[[ $output == *"neither 192.0.2.1 nor 192.0.2.2 is the address of a pod"* ]]
	run -1 ctl explain --from fd00:88::2 --to '[fd00:88::2]:80/tcp'
	[[ $output == *"addresses of one pod"* ]]
}

@test "explain: a pinhole is told by its number" {
	web_and_friend
	ctl pinhole add default/web in tcp 10.88.0.3:4711 81 --rule 5
	ctl pinhole add default/web in tcp 10.88.0.3:4712 80 --deny
	run -0 ctl explain --from 10.88.0.3:4711 --to 10.88.0.2:81/tcp
	[[ $output == *"pinhole-allow 5 stands above the rules"*"rule 8"*allowed ]]
	run -4 ctl explain --from 10.88.0.3:4712 --to 10.88.0.2:80/tcp
	[[ $output == *"pinhole-deny stands above the rules"*"rule 7"*denied ]]
	expect "for programs" '["pinhole-allow",5,null]' \
		"$(explained 10.88.0.3:4711 10.88.0.2:81/tcp '.legs[1] | [.reason, .rule, .document] | tojson')"
}

@test "explain: a live connection goes on by its session, which is told" {
	web_and_friend
	dial live friend 10.88.0.2 80
	exchange live
	port=$(ctl session list default/web | grep -oE '10\.88\.0\.3:[0-9]+' | head -n 1 | cut -d: -f2)
	run -0 ctl explain --from "10.88.0.3:$port" --to 10.88.0.2:80/tcp
	[[ $output == *"default/web ingress: allow"*"it has a session, opened by the peer, which rule 7 allows: it goes on by that"* ]]
	[[ $output != *assumed* ]]
	jq -n '{selector: {pod: "web"}, ingress: {default: "deny"}}' >"$BATS_TEST_TMPDIR/none.json"
	ctl policy apply "$BATS_TEST_TMPDIR/none.json"
	run -4 ctl explain --from "10.88.0.3:$port" --to 10.88.0.2:80/tcp
	[[ $output == *"its next packet is denied under policy"*default-deny* ]]
	is_cut live
}

@test "explain: a connection of the node itself goes on by host-access, until that is the policy's" {
	web_and_friend
	in_pod() { # not in it, for dial
		lab "${@:2}"
	}
	dial live "" 10.88.0.2 80
	exchange live
	port=$(ctl session list default/web --peer 10.88.0.1 --json | jq -r '.[0].peerEnd.port')
	node=(explain --from "10.88.0.1:$port" --to 10.88.0.2:80/tcp)
	run -0 ctl "${node[@]}"
	[[ $output == *"opened by the peer, which host-access has let in: it goes on by that"* ]] || fail "$output"
	jq -n '{selector: {pod: "web"}, ingress: {default: "deny"}}' >"$BATS_TEST_TMPDIR/none.json"
	ctl policy apply "$BATS_TEST_TMPDIR/none.json"
	run -0 ctl "${node[@]}"
	[[ $output == *"which host-access has let in: it goes on, by host-access"* ]] || fail "$output"
	exchange live
	succeeds ADD web "$closed"' | .hostAccess = "policy"'
	run -0 ctl "${node[@]}"
	[[ $output == *"which host-access has let in: it goes on, by rule 7 of policy "* ]] || fail "$output"
	exchange live
	run -0 ctl "${node[@]}"
	[[ $output == *"which rule 7 allows: it goes on by that"* ]] || fail "$output"
}

@test "explain: ICMP by type and code, protocols by number" {
	web_and_friend
	succeeds ADD web "$(policy '{"id": 4, "action": "allow", "protocol": "icmp", "ports": ["8"]},
		{"id": 6, "action": "allow", "protocol": "icmpv6", "ports": ["128/0"]}, {"id": 5, "action": "allow", "protocol": 47}')"
	run -0 ctl explain --from 10.88.0.3 --to 10.88.0.2/icmp
	[[ $output == *"type 8 code 0 identifier"*"rule 4"* ]]
	run -4 ctl explain --from 10.88.0.3 --to 10.88.0.2:13/0/icmp
	[[ $output == *"type 13 code 0"* ]]
	# Replies that nobody has asked for
	run -4 ctl explain --from 10.88.0.3 --to 10.88.0.2:0/icmp
	[[ $output == *"type 0 code 0"*"default/web ingress: deny (default-deny)"* ]]
	run -4 ctl explain --from fd00:88::3 --to '[fd00:88::2]:129/icmpv6'
	run -0 ctl explain --from fd00:88::3 --to '[fd00:88::2]:128/icmpv6'
	[[ $output == *"rule 6"* ]]
	run -0 ctl explain --from 10.88.0.3 --to 10.88.0.2/47
	[[ $output == *"rule 5: allow 47"* ]]
	lab ip netns exec friend ping -c 1 -W 30 10.88.0.2
}

@test "explain: audit says what would be denied, and that it passes" {
	pod web 2
	succeeds ADD web "$closed"' | .mode = "audit"'
	run -0 ctl explain --from 10.88.0.9 --to 10.88.0.2:22/tcp
	[[ $output == *"default/web ingress: allow (audit, would be default-deny)"* ]]
}

@test "explain leaves nothing: no session, no counter, no event, no hit" {
	web_and_friend
	before=$(snapshot) counted=$(count)
	for port in 80 81 82; do
		ctl explain --from 10.88.0.3 --to "10.88.0.2:$port/tcp" || [ $? = 4 ]
	done
	unchanged "$before"
	expect counters "$counted" "$(count)"
}

count() { # but what the pods' kernels and the host's bridge (IGMP) say when they like
	ctl stats | grep -vwE 'neighbour|host-access|total' | awk '{ $1 = $1 } 1' # whatever the widths
	ctl rule list
}

@test "explain: a map that says something else than the document is told, loudly" {
	web_and_friend
	# The entry of port 80 of a class goes: what stands behind it decides now.
	# shellcheck disable=SC2016 # for the shell in the lab
	lab bash -c 'dump=$(bpftool -j map dump pinned "$1/maps/services")
		jq -r ".[] | select(.key[0] == \"0x38\" and .key[8] == \"0x06\" and .key[9] == \"0x00\" and .key[10] == \"0x50\") |
			.key | join(\" \")" <<<"$dump" | while read -r key; do
			bpftool map delete pinned "$1/maps/services" key $key
		done' break "$PINS"
	run -1 ctl explain --from 10.88.0.9 --to 10.88.0.2:80/tcp
	[[ $output == *"THE LOADED PROGRAM AND THE POLICY DIFFER: the program says default-deny, rule 0;"*"rule-allow, rule 7"* ]]
	[[ $output == *"please report it"* ]]
	run -1 ctl explain --from 10.88.0.9 --to 10.88.0.2:80/tcp --json
	[[ $output == *'"agrees":false'* ]]
}

@test "explain takes pods by their names, by the address that goes with the other end and the protocol" {
	web_and_friend
	run -0 ctl explain --from default/friend --to default/web:80/tcp
	[[ ${lines[0]} == "10.88.0.3:"*" > 10.88.0.2:80 tcp "* && ${lines[-1]} == allowed ]]
	run -0 ctl explain --from default/friend:40000 --to default/web:80/tcp
	expect "first line" "10.88.0.3:40000 > 10.88.0.2:80 tcp" "${lines[0]}"
	run -4 ctl explain --from fd00:88::99 --to default/web:81/tcp
	[[ ${lines[0]} == "[fd00:88::99]:"*" > [fd00:88::2]:81 tcp "* ]]
	run -4 ctl explain --from default/friend --to default/web/icmpv6
	[[ ${lines[0]} == "fd00:88::3 > fd00:88::2 icmpv6 type 128 "* ]]
	run -4 ctl explain --from default/friend --to default/web:3/1/icmp
	[[ ${lines[0]} == "10.88.0.3 > 10.88.0.2 icmp type 3 code 1" ]]
	run -2 ctl explain --from default/nobody --to default/web:80/tcp
	[[ $output == *"is no address, and no pod"*"for example"* ]]
	run -2 ctl explain --from default/web --to default/web
	[[ $output == *"the protocol is tcp, udp"* ]]
	run -1 ctl explain --from default/web --to default/web:80/tcp
	[[ $output == *"are addresses of one pod"* ]]
	# A second interface of it.
	interface web eth1 9
	IFNAME=eth1 succeeds ADD web
	run -2 ctl explain --from default/web --to 10.88.0.3:80/tcp
	[[ $output == *"several are called default/web"* && $output == *net/web/eth0*net/web/eth1* ]]
}

@test "explain: words that make no question are refused with an example" {
	web_and_friend
	run -2 ctl explain --from 10.88.0.3
	[[ $output == *"needs --from and --to"* ]]
	while read -r from to why; do
		run -2 ctl explain --from "$from" --to "$to"
		[[ $output == *"$why"*"for example"* ]] || fail "$from $to: $output"
	done <<-END
		10.88.0.3 10.88.0.2:80 expected ADDR:PORT/PROTO
		10.88.0.3 10.88.0.2/tcp with a port from 0 to 65535
		10.88.0.3 10.88.0.2:65536/tcp with a port from 0 to 65535
		10.88.0.3 10.88.0.2:80/tpc the protocol is tcp, udp
		10.88.0.3 fd00:88::2/icmpv6 of one family
		10.88.0.3 10.88.0.2/icmpv6 icmpv6 is not for IPv4
		10.88.0.3:1 10.88.0.2/47 the protocol has no ports
		fd00:88::3 [fe80::2%eth0]:80/tcp has a zone
		::ffff:10.88.0.3 10.88.0.2:80/tcp write it as IPv4
		fd00:88::3 fd00:88::2/44 an extension header's in IPv6
		fd00:88::3 [fd00:88::2]:135/icmpv6 neighbour discovery is no flow
		10.88.0.3:x 10.88.0.2:80/tcp a port from 0 to 65535 behind the colon
		10.88.0.0/24 10.88.0.2:80/tcp is no address
		fd00:88::3 [fd00:88::2:80/tcp an address in brackets ends with ]
	END
}
