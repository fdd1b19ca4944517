#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# A pod with its policy: it holds for packets, behind real plugins too, and the result is passed through. Each test has its own host.

setup() {
	load helpers.bash
	load web.bash
	warm_host
}

teardown() {
	stop_host
}

@test "tcx: the policy holds for packets of both families" {
	needs_tcx
	web_with_friends '.attach = "tcx"'
	expect attach tcx "$(record_value web attach)"
	policy_holds
}

@test "clsact: the policy holds for packets of both families" {
	web_with_friends '.attach = "clsact"'
	expect attach clsact "$(record_value web attach)"
	policy_holds
}

# A conflist of the real plugins, as a runtime runs it.
conflist() { # TYPE ATTACH [KEYS]
	jq -n --arg type "$1" --arg attach "$2" --argjson keys "${3:-{\}}" '{
		cniVersion: "1.0.0", name: "chain",
		plugins: [
			{
				type: $type, ipMasq: false,
				ipam: {type: "host-local", ranges: [[{subnet: "10.88.1.0/24"}], [{subnet: "fd00:88:1::/64"}]]}
			} + if $type == "bridge" then {bridge: "rf1", isGateway: true} else {} end + $keys,
			{
				type: "ringfence", attach: $attach,
				policy: {ingress: {rules: [
					{id: 1, action: "allow", protocol: "tcp", ports: ["80"], peers: ["10.88.1.3", "fd00:88:1::3"]}
				]}}
			}
		]
	}' >"$LAB_DIRECTORY/conflist"
}

# What a whole chain leaves in the end: nothing that was not there before the first one of its type.
chain_protects() { # TYPE ATTACH [KEYS]
	local name before address

	conflist "$@"
	# Duplicates of addresses need not be waited for.
	lab sysctl -qw net.ipv6.conf.default.accept_dad=0
	for name in web friend; do
		lab_pod "$name"
		in_pod "$name" sysctl -qw net.ipv6.conf.default.accept_dad=0
	done
	# The bridge stays, as it should.
	chain ADD web "$LAB_DIRECTORY/conflist" >/dev/null
	chain DEL web "$LAB_DIRECTORY/conflist"
	lab rm -rf /var/lib/cni/networks
	before=$(snapshot)
	for name in web friend; do
		chain ADD "$name" "$LAB_DIRECTORY/conflist" >"$LAB_DIRECTORY/$name-eth0.result"
	done
	serve web tcp 80
	serve web tcp 81
	for address in $(addresses web); do
		echo reaches friend tcp "$address" 80
		echo reaches_not friend tcp "$address" 81
	done >"$BATS_TEST_TMPDIR/attempts"
	together <"$BATS_TEST_TMPDIR/attempts"
	for name in web friend; do
		chain DEL "$name" "$LAB_DIRECTORY/conflist"
	done
	unchanged "$before"
}

@test "bridge chain, tcx: protects, and leaves nothing" {
	needs_tcx
	chain_protects bridge tcx
}

@test "bridge chain, clsact: protects, and leaves nothing" {
	chain_protects bridge clsact
}

needs_bridge_vlan() {
	lab ip link add probe type bridge vlan_filtering 1 2>"$BATS_TEST_TMPDIR/error" || {
		grep -q 'Operation not supported' "$BATS_TEST_TMPDIR/error" && skip "this kernel's bridge has no VLANs"
	}
	lab ip link del probe
}

@test "bridge chain with a VLAN, tcx: protects, and leaves nothing" {
	needs_tcx
	needs_bridge_vlan
	chain_protects bridge tcx '{"vlan": 100, "isGateway": false}'
}

@test "bridge chain with a VLAN, clsact: protects, and leaves nothing" {
	needs_bridge_vlan
	chain_protects bridge clsact '{"vlan": 100, "isGateway": false}'
}

@test "ptp chain, tcx: protects, and leaves nothing" {
	needs_tcx
	chain_protects ptp tcx
}

@test "ptp chain, clsact: protects, and leaves nothing" {
	chain_protects ptp clsact
}

# answers_ping SECONDS POD: to the host itself
answers_ping() {
	local address

	for address in $(addresses "$2"); do
		lab ping -c 1 -W "$1" -q "$address" >/dev/null || return 1
	done
}

@test "the node itself reaches a pod that accepts nothing, unless hostAccess is policy" {
	pod web 2
	succeeds ADD web "$(policy '')"
	answers_ping 30 web
	succeeds ADD web "$(policy '') | .hostAccess = \"policy\""
	run ! answers_ping 1 web
}

@test "a pod cannot send with an address that is not its own, unless antiSpoof is false" {
	pod web 2
	pod friend 3
	serve friend tcp 80
	in_pod web ip address add 10.88.0.77/24 dev eth0
	in_pod web ip route add 10.88.0.3 dev eth0 src 10.88.0.77
	succeeds ADD web
	reaches_not web tcp 10.88.0.3 80
	[ "$(packets web egress spoofed)" -gt 0 ]
	succeeds ADD web '.antiSpoof = false'
	reaches web tcp 10.88.0.3 80
}

@test "no policy at all restricts nothing" {
	pod web 2
	pod friend 3
	serve web tcp 80
	serve friend tcp 80
	succeeds ADD web
	for address in $(addresses web); do
		reaches friend tcp "$address" 80
	done
	for address in $(addresses friend); do
		reaches web tcp "$address" 80
	done
}

# ADD's answer

@test "prevResult is passed through byte for byte, whatever it has and however it is written" {
	pod web 2
	# shellcheck disable=SC2016
	result='{ "ips" :[{"address":"10.88.0.2/24","interface":2,"x":[1.50,1e2,-0,12345678901234567890]},
		{"interface": 2, "address": "fd00:88::2/64"}],"interfaces":[{"name":"rf0"},{"name":"v2","mtu":0},
		{"name":"eth0","sandbox":"/run/netns/web","socketPath":"\u00e9\/é"}],	"routes":[{"dst":"0.0.0.0/0","scope":0}],
		"unknown":{"b":null,"a":{}},"cniVersion":"1.1.0","dns":{}}'
	call ADD web <<<"{\"prevResult\": $result, \"cniVersion\": \"1.1.0\", \"name\": \"net\", \"type\": \"ringfence\"}"
	was_success ADD
	expect result "$result" "$(<"$OUT")"
	[ ! -s "$ERR" ]
}

@test "every supported version is served, in its own version" {
	pod web 2
	for version in 0.3.0 0.3.1 0.4.0 1.0.0 1.1.0; do
		succeeds ADD web ".cniVersion = \"$version\" | .prevResult.cniVersion = \"$version\"
			| if \"$version\" < \"1\" then .prevResult.ips[0].version = \"4\" | .prevResult.ips[1].version = \"6\" else . end"
		expect version "$version" "$(jq -r .cniVersion "$OUT")"
		expect families "$([[ $version == 0.* ]] && echo '["4","6"]' || echo '[null,null]')" "$(jq -c '[.ips[].version]' "$OUT")"
		succeeds DEL web ".cniVersion = \"$version\" | del(.prevResult)"
	done
}

@test "a result in another version's form is answered in the configuration's, and CHECK takes both" {
	pod web 2
	for version in 0.3.0 0.3.1 0.4.0; do
		succeeds ADD web ".cniVersion = \"$version\""
		expect "$version" "$(jq -c --arg version "$version" '.cniVersion = $version | .ips[0].version = "4" | .ips[1].version = "6"' \
			"$LAB_DIRECTORY/web-eth0.result" | jq -cS .)" "$(jq -cS . "$OUT")"
	done
	succeeds CHECK web '.cniVersion = "0.4.0"'
	for version in 1.0.0 1.1.0; do
		succeeds ADD web ".cniVersion = \"$version\" | .prevResult.cniVersion = \"0.4.0\"
			| .prevResult.ips[0].version = \"4\" | .prevResult.ips[1].version = \"6\""
		expect "$version" "$(jq -c --arg version "$version" '.cniVersion = $version' "$LAB_DIRECTORY/web-eth0.result")" "$(<"$OUT")"
	done
}

@test "keys of 1.1.0, and 0 as a value, are kept in every version" {
	pod web 2
	for version in 0.4.0 1.0.0 1.1.0; do
		succeeds ADD web ".cniVersion = \"$version\" | .prevResult.interfaces |= [.[2] + {mtu: 0, socketPath: \"/s\", pciID: \"0000:00:1f.6\"}]
			| .prevResult.ips[].interface = 0
			| .prevResult.routes = [{dst: \"0.0.0.0/0\", mtu: 0, advmss: 1400, priority: 0, table: 254, scope: 0}]"
		expect "interface" '{"name":"eth0","sandbox":"/run/netns/web","mtu":0,"socketPath":"/s","pciID":"0000:00:1f.6"}' "$(jq -c '.interfaces[0]' "$OUT")"
		expect "indexes" '[0,0]' "$(jq -c '[.ips[].interface]' "$OUT")"
		expect "route" '{"dst":"0.0.0.0/0","mtu":0,"advmss":1400,"priority":0,"table":254,"scope":0}' "$(jq -c '.routes[0]' "$OUT")"
	done
}

@test "the record says who, where and how" {
	pod web 2
	succeeds ADD web "$WEB_POLICY"
	expect record '["net","web","eth0","default","web","v2",["10.88.0.2","fd00:88::2"]]' \
		"$(record web | jq -c '[.network, .container, .interface, .podNamespace, .podName, .hostInterface, .ips]')"
	expect ifindex "$(lab cat /sys/class/net/v2/ifindex)" "$(record_value web ifindex)"
}
