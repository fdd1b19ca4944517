#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# A pod from ADD to DEL: its policy holds for packets, its result is passed through, and whatever order the runtime calls in,
# nothing is left and nothing of another pod is harmed. Each test has its own host.

setup() {
	load helpers.bash
	warm_host
}

teardown() {
	stop_host
}

# web accepts TCP 80 and UDP 53 of the pod with number 3 (`friend`), and opens nothing itself.
web_policy="$(
	load helpers.bash
	policy "$(allow 1 tcp 80 10.88.0.3 fd00:88::3), $(allow 2 udp 53 10.88.0.3 fd00:88::3)"
) | .policy.egress = {default: \"deny\"}"

web_with_friends() { # [FILTER]
	pod web 2
	pod friend 3
	pod stranger 4
	serve web tcp 80
	serve web tcp 81
	serve web udp 53
	serve friend tcp 80
	succeeds ADD web "$web_policy${1:+ | $1}"
}

policy_holds() {
	local address

	{
		for address in $(addresses web); do
			echo reaches friend tcp "$address" 80
			echo reaches friend udp "$address" 53
			echo reaches_not friend tcp "$address" 81
			echo reaches_not stranger tcp "$address" 80
			echo reaches_not stranger udp "$address" 53
		done
		for address in $(addresses friend); do
			echo reaches_not web tcp "$address" 80
		done
	} >"$BATS_TEST_TMPDIR/attempts"
	together <"$BATS_TEST_TMPDIR/attempts"
}

# Packets

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
conflist() { # TYPE ATTACH
	jq -n --arg type "$1" --arg attach "$2" '{
		cniVersion: "1.0.0", name: "chain",
		plugins: [
			{
				type: $type, ipMasq: false,
				ipam: {type: "host-local", ranges: [[{subnet: "10.88.1.0/24"}], [{subnet: "fd00:88:1::/64"}]]}
			} + if $type == "bridge" then {bridge: "rf1", isGateway: true} else {} end,
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
chain_protects() { # TYPE ATTACH
	local name before address

	conflist "$1" "$2"
	# Duplicates of addresses need not be waited for.
	lab sysctl -qw net.ipv6.conf.default.accept_dad=0
	for name in web friend stranger; do
		lab_pod "$name"
		in_pod "$name" sysctl -qw net.ipv6.conf.default.accept_dad=0
	done
	# The bridge stays, as it should.
	chain ADD web "$LAB_DIRECTORY/conflist" >/dev/null
	chain DEL web "$LAB_DIRECTORY/conflist"
	lab rm -rf /var/lib/cni/networks
	before=$(snapshot)
	for name in web friend stranger; do
		chain ADD "$name" "$LAB_DIRECTORY/conflist" >"$LAB_DIRECTORY/$name-eth0.result"
		serve "$name" tcp 80
	done
	for address in $(addresses web); do
		reaches friend tcp "$address" 80
		reaches_not stranger tcp "$address" 80
	done
	for name in web friend stranger; do
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

@test "ptp chain, tcx: protects, and leaves nothing" {
	needs_tcx
	chain_protects ptp tcx
}

@test "ptp chain, clsact: protects, and leaves nothing" {
	chain_protects ptp clsact
}

# answers_ping POD: to the host itself
answers_ping() {
	local address

	for address in $(addresses "$1"); do
		lab ping -c 1 -W 1 -q "$address" >/dev/null || return 1
	done
}

@test "the node itself reaches a pod that accepts nothing, unless hostAccess is policy" {
	pod web 2
	succeeds ADD web "$(policy '')"
	answers_ping web
	succeeds ADD web "$(policy '') | .hostAccess = \"policy\""
	run ! answers_ping web
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

@test "the record says who, where and how" {
	pod web 2
	succeeds ADD web "$web_policy"
	expect record '["net","web","eth0","default","web","v2",["10.88.0.2","fd00:88::2"]]' \
		"$(record web | jq -c '[.network, .container, .interface, .podNamespace, .podName, .hostInterface, .ips]')"
	expect ifindex "$(lab cat /sys/class/net/v2/ifindex)" "$(record_value web ifindex)"
}

@test "the host side is found by the kernel's truth: wrong names, other orders, missing entries" {
	pod web 2
	pod other 3
	for filter in '.prevResult.interfaces[1].name = "v3"' '.prevResult.interfaces |= [.[2]] | .prevResult.ips[].interface = 0' \
		'.prevResult.interfaces |= [.[2], .[1], .[0]] | .prevResult.ips[].interface = 0' \
		'.prevResult.interfaces = null | del(.prevResult.ips[].interface)' \
		'.prevResult.interfaces += [{name: "dummy", sandbox: "0"}]' '.prevResult.interfaces[1].name = "nosuch"'; do
		succeeds ADD web "$filter"
		expect "attached to" $'egress\ningress' "$(attached v2)"
		expect "attached to the other" "" "$(attached v3)"
		succeeds DEL web
	done
}

# DEL

del_leaves_nothing() { # ATTACH
	local before

	pod web 2
	pod friend 3
	serve web tcp 80
	before=$(snapshot)
	succeeds ADD web "$web_policy | .attach = \"$1\""
	for address in $(addresses web); do
		reaches friend tcp "$address" 80
	done
	[ "$(map_size sessions)" -gt 0 ]
	succeeds DEL web "$web_policy"
	# The veth is still there: nothing of ours is at it, and its packets pass.
	unchanged "$before"
	for address in $(addresses web); do
		reaches friend tcp "$address" 80
	done
}

@test "tcx: DEL leaves nothing on a veth that is kept, no session, no entry, no record" {
	needs_tcx
	del_leaves_nothing tcx
}

@test "clsact: DEL leaves no filter and no qdisc on a veth that is kept" {
	del_leaves_nothing clsact
}

@test "DEL twice, three times" {
	pod web 2
	before=$(snapshot)
	succeeds ADD web "$web_policy"
	for _ in 1 2 3; do
		succeeds DEL web
		unchanged "$before"
	done
}

@test "DEL before any ADD: with an empty netns, without prevResult, for an unknown container" {
	before=$(snapshot)
	pod web 2
	call DEL web CNI_NETNS= <<<'{"cniVersion": "1.0.0", "name": "net", "type": "ringfence"}'
	was_success DEL
	call DEL web CNI_CONTAINERID=unknown CNI_NETNS=/run/netns/nowhere <<<'{"cniVersion": "0.3.1", "name": "never-heard-of"}'
	was_success DEL
	lab ip link del v2
	unchanged "$before"
}

@test "DEL cleans up in full with an empty netns, without prevResult, with 0.3.1" {
	pod web 2
	before=$(snapshot)
	for filter in 'del(.prevResult)' '.prevResult = null' '.cniVersion = "0.3.1" | del(.prevResult)'; do
		succeeds ADD web "$web_policy"
		succeeds DEL web "$filter" CNI_NETNS=
		unchanged "$before"
	done
}

@test "DEL cleans up in full though the configuration has changed since, or is broken in our keys" {
	pod web 2
	before=$(snapshot)
	for filter in '.attach = "auto"' '.policy = {ingress: {}}' '.policy = "broken"' '.polcy = 1' '.maps = {sessions: -1}' \
		'.prevResult = {}' '.prevResult.ips[0].address = "10.88.0.9/24"' '.mode = "audit"' '.attach = []'; do
		succeeds ADD web "$web_policy | .attach = \"clsact\""
		succeeds DEL web "$filter"
		unchanged "$before"
	done
}

@test "DEL cleans up after the netns and the veth are gone" {
	for attach in $(modes); do
		before=$(snapshot)
		pod web 2
		succeeds ADD web "$web_policy | .attach = \"$attach\""
		lab ip netns del web
		within 5 gone v2
		succeeds DEL web "$web_policy"
		unchanged "$before"
	done
}

gone() {
	lab test ! -e "/sys/class/net/$1"
}

@test "DEL with CNI_NETNS a file that is no netns cleans up" {
	pod web 2
	before=$(snapshot)
	succeeds ADD web "$web_policy"
	succeeds DEL web . CNI_NETNS=/dev/null
	unchanged "$before"
}

@test "DEL succeeds with bpffs gone, and when all state is gone" {
	pod web 2
	succeeds ADD web "$web_policy"
	lab mount -t tmpfs tmpfs /sys/fs/bpf
	succeeds DEL web
	succeeds DEL web
	lab umount /sys/fs/bpf
	succeeds ADD web "$web_policy"
	lab rm -rf "$RUN"
	succeeds DEL web
	within 2 is_detached v2
}

# Twice, late, several

same_add_twice() { # ATTACH
	local once

	web_with_friends ".attach = \"$1\""
	dial talk friend 10.88.0.2 80
	exchange talk
	once=$(record web | jq -S .)
	succeeds ADD web "$web_policy | .attach = \"$1\""
	expect record "$once" "$(record web | jq -S .)"
	expect "attached" $'egress\ningress' "$(attached v2)"
	expect "policies" 1 "$(lab find "$RUN/policies" -type f | wc -l)"
	exchange talk
	policy_holds
	succeeds CHECK web "$web_policy"
	succeeds DEL web
	expect "entries" 0 "$(map_size pods)"
	within 2 is_detached v2
}

@test "tcx: the same ADD twice is there once, and connections go on" {
	needs_tcx
	same_add_twice tcx
}

@test "clsact: the same ADD twice is there once, and connections go on" {
	same_add_twice clsact
}

@test "ADD again in the other mode moves, with another policy replaces" {
	needs_tcx
	web_with_friends '.attach = "tcx"'
	for attach in clsact tcx; do
		succeeds ADD web "$web_policy | .attach = \"$attach\""
		within 2 is_attached v2
		expect attach "$attach" "$(record_value web attach)"
		policy_holds
	done
	succeeds ADD web "$(policy "$(allow 1 tcp 81)")"
	for address in $(addresses web); do
		reaches stranger tcp "$address" 81
		reaches_not friend tcp "$address" 80
	done
	expect "policies" 1 "$(lab find "$RUN/policies" -type f | wc -l)"
}

@test "an ADD that fails leaves the earlier one of the same pod as it was" {
	web_with_friends
	refuses 7 web "$(policy '{id: 1}')" "policy.ingress.rules[0]"
	refuses 8 web '.' "own network namespace" CNI_NETNS=/proc/self/ns/net
	policy_holds
}

@test "a late DEL of an old pod leaves the new one with the same address working" {
	for attach in $(modes); do
		pod old 2
		succeeds ADD old "$web_policy | .attach = \"$attach\""
		lab ip netns del old
		within 5 gone v2
		web_with_friends ".attach = \"$attach\""
		succeeds DEL old
		succeeds CHECK web "$web_policy"
		policy_holds
		expect "addresses" 2 "$(map_size pods)"
		succeeds DEL web
		expect "addresses" 0 "$(map_size pods)"
		# Their servers are still there, and would keep the links.
		for link in v2 v3 v4; do
			lab ip link del "$link"
		done
		for name in web friend stranger; do
			lab ip netns del "$name"
		done
	done
}

@test "a late DEL of an old pod leaves a new one whose veth was given the same ifindex" {
	for attach in $(modes); do
		pod old 2
		succeeds ADD old ".attach = \"$attach\""
		index=$(record_value old ifindex)
		lab ip netns del old
		within 5 gone v2
		pod web 2
		lab ip -n web link del eth0
		within 5 gone v2
		lab ip link add v2 index "$index" type veth peer name eth0 netns web
		lab ip link set v2 up
		lab ip -n web link set eth0 up
		succeeds ADD web "$web_policy | .attach = \"$attach\""
		expect ifindex "$index" "$(record_value web ifindex)"
		succeeds DEL old
		sleep 0.1
		succeeds CHECK web "$web_policy"
		succeeds DEL web
		within 2 is_detached v2
		lab ip netns del web
		within 5 gone v2
	done
}

@test "DEL of eth0 leaves net1 of the same pod" {
	pod web 2
	interface web net1 12
	pod friend 3
	serve web tcp 80
	succeeds ADD web "$(policy "$(allow 1 tcp 81)")"
	before=$(snapshot)
	succeeds DEL web
	within 2 is_detached v2
	succeeds ADD web "$(policy "$(allow 1 tcp 81)")"
	IFNAME=net1 succeeds ADD web "$web_policy"
	expect "addresses" 4 "$(map_size pods)"
	succeeds DEL web
	expect "addresses" 2 "$(map_size pods)"
	expect "attached to net1" $'egress\ningress' "$(attached v12)"
	IFNAME=net1 succeeds CHECK web "$web_policy"
	fails 106 CHECK web
	in_pod web ip address flush dev eth0
	for address in $(addresses web net1); do
		reaches friend tcp "$address" 80
	done
	IFNAME=net1 succeeds DEL web
	expect "addresses" 0 "$(map_size pods)"
}

# CHECK

checked() { # ATTACH
	pod web 2
	succeeds ADD web "$web_policy | .attach = \"$1\""
	succeeds CHECK web "$web_policy | .attach = \"$1\""
}

# not_in_force TEXT
not_in_force() {
	fails 106 CHECK web "$web_policy"
	says "$1"
	# What CHECK found, the next ADD mends.
	succeeds ADD web "$web_policy"
	succeeds CHECK web "$web_policy"
}

@test "CHECK before ADD and after DEL is 106" {
	pod web 2
	fails 106 CHECK web
	says "has no attachment in network net"
	succeeds ADD web
	succeeds CHECK web
	succeeds DEL web
	fails 106 CHECK web
}

@test "CHECK finds a TCX link that is gone" {
	needs_tcx
	checked tcx
	for direction in to_pod from_pod; do
		lab rm "$PINS/links/$(record_value web owner)_$direction"
		not_in_force "program $direction is not attached"
	done
}

@test "CHECK finds a clsact filter, or the qdisc, that is gone" {
	checked clsact
	for hook in ingress egress; do
		lab tc filter del dev v2 "$hook"
		fails 106 CHECK web "$web_policy"
		says "clsact $hook"
		succeeds ADD web "$web_policy | .attach = \"clsact\""
		succeeds CHECK web "$web_policy"
	done
	lab tc qdisc del dev v2 clsact
	fails 106 CHECK web "$web_policy"
}

@test "CHECK finds a clsact filter that was replaced by somebody else's" {
	checked clsact
	lab "$TOOLS/kernel" load /sys/fs/bpf/foreign
	handle=$(lab tc filter show dev v2 ingress | grep -o 'handle 0x[0-9a-f]*' | head -n 1)
	# shellcheck disable=SC2086 # two words
	lab tc filter replace dev v2 ingress prio 1 $handle bpf da object-pinned /sys/fs/bpf/foreign
	fails 106 CHECK web "$web_policy"
	says "not ours"
}

map_key() { # MAP NUMBER: the key of the map's entry of that number, as bpftool wants it
	lab "$TOOLS/kernel" maps "$PINS/maps" | awk -v map="$1" '$1 == map { print $2 }' | sed -n "$2p" | sed 's/../& /g'
}

value_size() { # MAP
	lab bpftool -j map show pinned "$PINS/maps/$1" | jq .bytes_value
}

delete_entry() { # MAP NUMBER
	# shellcheck disable=SC2046 # bytes are words
	lab bpftool map delete pinned "$PINS/maps/$1" key hex $(map_key "$1" "$2")
}

@test "CHECK finds an entry that is gone from the maps of pods and interfaces" {
	checked auto
	delete_entry pods 1
	not_in_force "map pods does not lead from"
	delete_entry pods 2
	not_in_force "map pods does not lead from"
	delete_entry interfaces 1
	not_in_force "map interfaces"
}

@test "CHECK finds an entry of the policy that is gone" {
	checked auto
	for map in peers services; do
		delete_entry "$map" 1
		fails 106 CHECK web "$web_policy"
		says "$map"
		succeeds DEL web
		succeeds ADD web "$web_policy"
		succeeds CHECK web "$web_policy"
	done
}

@test "CHECK finds that another pod owns the address now" {
	checked auto
	pod thief 3
	succeeds ADD thief '.prevResult.ips[0].address = "10.88.0.2/24"'
	fails 106 CHECK web "$web_policy"
	says "map pods does not lead from 10.88.0.2"
	succeeds DEL thief
}

@test "CHECK finds that the pod's state is another's" {
	checked auto
	# shellcheck disable=SC2046
	lab bpftool map update pinned "$PINS/maps/pod_state" key hex 01 00 00 00 value hex $(printf '00 %.0s' $(seq "$(value_size pod_state)"))
	fails 106 CHECK web "$web_policy"
	says "not of this attachment"
}

@test "CHECK finds addresses and a host side that are not those of ADD" {
	checked auto
	fails 106 CHECK web "$web_policy | .prevResult.ips[0].address = \"10.88.0.9/24\""
	says "10.88.0.9"
	lab ip -n web link del eth0
	within 5 gone v2
	interface web eth0 2
	fails 106 CHECK web "$web_policy"
	says "the host side is"
}

@test "CHECK finds that everything is gone" {
	checked auto
	lab find /sys/fs/bpf/ringfence -depth -delete
	fails 106 CHECK web "$web_policy"
	says "no programs and maps are pinned"
}

@test "CHECK is not disturbed by another's filter, by a route, or by traffic" {
	web_with_friends '.attach = "clsact"'
	lab "$TOOLS/kernel" load /sys/fs/bpf/foreign
	lab tc filter add dev v2 ingress prio 50 bpf da object-pinned /sys/fs/bpf/foreign
	lab "$TOOLS/kernel" attach /sys/fs/bpf/foreign v2 egress
	lab ip route add 192.0.2.0/24 via 10.88.0.2
	policy_holds
	succeeds CHECK web "$web_policy | .attach = \"clsact\""
}

# GC

collect() { # VALID-ATTACHMENTS [NETWORK]
	call GC any CNI_CONTAINERID= CNI_NETNS= CNI_IFNAME= \
		<<<"{\"cniVersion\": \"1.1.0\", \"name\": \"${2:-net}\", \"cni.dev/valid-attachments\": $1}"
}

protect() { # NETWORK POD...
	local network=$1 name

	shift
	for name; do
		succeeds ADD "$name" "$web_policy | .name = \"$network\""
	done
}

@test "GC keeps what is listed, removes what is not, and never touches another network" {
	for name in a b c; do
		pod "$name" "1$((++number))"
	done
	interface a net1 20
	before=$(snapshot)
	protect other c
	others=$(snapshot)
	protect net a b
	IFNAME=net1 protect net a
	collect '[{"containerID": "a", "ifname": "net1"}, {"containerID": "b", "ifname": "eth0"}, {"containerID": "x", "ifname": "eth0"}]'
	was_success GC
	succeeds CHECK b "$web_policy"
	IFNAME=net1 succeeds CHECK a "$web_policy"
	fails 106 CHECK a "$web_policy"
	within 2 is_detached v11
	succeeds CHECK c "$web_policy | .name = \"other\""
	collect '[]'
	was_success GC
	unchanged "$others"
	collect '[]' other
	was_success GC
	unchanged "$before"
}

@test "GC with null, which is what Go makes of an empty list, removes all of the network" {
	pod web 2
	before=$(snapshot)
	protect net web
	collect null
	was_success GC
	unchanged "$before"
}

@test "GC without a list removes nothing: it refuses if there is something that it would have to judge" {
	pod web 2
	protect net web
	before=$(snapshot)
	call GC web <<<'{"cniVersion": "1.1.0", "name": "net"}'
	was_failure 6
	says cni.dev/valid-attachments
	unchanged "$before"
	succeeds DEL web
	call GC web <<<'{"cniVersion": "1.1.0", "name": "net"}'
	was_success GC
}

@test "GC with a list that is none, or has an entry that is none, is 6 and removes nothing" {
	pod web 2
	protect net web
	before=$(snapshot)
	for list in '{}' '"web"' '[{"containerID": "web"}]' '["web"]' '[{"containerID": 1, "ifname": "eth0"}]'; do
		collect "$list"
		was_failure 6
		says cni.dev/valid-attachments
		unchanged "$before"
	done
}

@test "GC continues past what it cannot read, and reports that" {
	pod a 2
	pod b 3
	protect net a b
	lab sh -c "echo broken >$RUN/attachments/net/a:eth0.json"
	collect '[]'
	was_failure 105
	says "a:eth0.json"
	lab test ! -e "$RUN/attachments/net/b:eth0.json"
	within 2 is_detached v3
}

# STATUS

status_of() {
	call STATUS any CNI_CONTAINERID= CNI_NETNS= CNI_IFNAME= "$@" <<<'{"cniVersion": "1.1.0", "name": "net"}'
}

@test "STATUS: fine when loaded, and before anything was loaded; it changes nothing" {
	before=$(snapshot)
	status_of
	was_success STATUS
	unchanged "$before"
	lab find /sys/fs/bpf/ringfence "$RUN" -depth -delete
	before=$(snapshot)
	status_of
	was_success STATUS
	unchanged "$before"
	lab test ! -e "$RUN"
}

@test "STATUS without bpffs is 50 and says how to mend it" {
	lab mount -t tmpfs tmpfs /sys/fs/bpf
	status_of
	was_failure 50
	says "mount -t bpf bpffs /sys/fs/bpf"
}

@test "STATUS without capabilities is 50" {
	status_of setpriv --bounding-set=-all --inh-caps=-all
	was_failure 50
}

@test "STATUS with a pin that is missing is 50" {
	lab rm "$PINS/maps/peers"
	status_of
	was_failure 50
	says "$PINS/maps/peers"
}

@test "DEL with a pin that is missing removes what it can" {
	pod web 2
	succeeds ADD web "$web_policy"
	lab rm "$PINS/maps/peers"
	fails 102 CHECK web "$web_policy"
	says "$PINS/maps/peers"
	succeeds DEL web
	within 2 is_detached v2
	lab test ! -e "$RUN/attachments/net"
}

@test "ADD mounts bpffs where there is none" {
	pod web 2
	lab mount -t tmpfs tmpfs /sys/fs/bpf
	succeeds ADD web "$web_policy"
	succeeds CHECK web "$web_policy"
	expect "file system" bpf_fs "$(lab stat -f -c %T /sys/fs/bpf)"
}
