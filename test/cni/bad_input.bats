#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# What ADD refuses: the error has the right code and names the place, and nothing was changed. Since nothing may change,
# all tests share a host, on which another pod is protected.

setup_file() {
	load helpers.bash
	start_host
	pod neighbour 3
	succeeds ADD neighbour "$(policy "$(allow 1 tcp 80)")"
	pod web 2
}

teardown_file() {
	load helpers.bash
	stop_host
}

setup() {
	load helpers.bash
	take_snapshot
}

# What nothing may change; to be taken again when links were made.
take_snapshot() {
	# shellcheck disable=SC2034 # for refuses()
	UNCHANGED=$(snapshot)
}

# Where rule 3 of the filters below has its fault.
rules_with() { # RULE: the fourth of four
	policy "$(allow 1 tcp 80), $(allow 2 tcp 81), $(allow 3 tcp 82), $1"
}

# netns_refused PATH TEXT
netns_refused() {
	local before

	before=$(snapshot)
	fails 8 ADD web . CNI_NETNS="$1"
	says "$2"
	unchanged "$before"
}

# prevResult

@test "no prevResult: ringfence is a chained plugin" {
	refuses 7 web 'del(.prevResult)' "prevResult is missing"
	says conflist
	refuses 7 web '.prevResult = null' "prevResult is missing"
}

@test "a prevResult that cannot be used is 6" {
	refuses 6 web '.prevResult = {}' prevResult
	refuses 6 web '.prevResult = []' "prevResult"
	refuses 6 web '.prevResult = "x"' "prevResult"
	refuses 6 web '.prevResult = {cniVersion: "1.0.0"}' "neither interfaces nor ips"
	refuses 6 web '.prevResult.ips[0].address = "10.88.0.2"' "prevResult.ips[0].address"
	refuses 6 web '.prevResult.ips[1].address = 5' "prevResult.ips[1]"
	refuses 6 web '.prevResult.ips[1].interface = 3' "prevResult.ips[1]"
	refuses 6 web '.prevResult.ips[1].interface = -1' "prevResult.ips[1]"
	refuses 6 web '.prevResult.ips[1].interface = "eth0"' "prevResult.ips[1]"
	refuses 6 web '.prevResult.ips = {}' "prevResult.ips"
	refuses 6 web '.prevResult.interfaces[1].name = 7' "prevResult.interfaces[1]"
	refuses 6 web '.prevResult.interfaces = "x"' "prevResult.interfaces"
	refuses 6 web '.prevResult.cniVersion = 1' "prevResult.cniVersion"
	refuses 6 web '.prevResult.cniVersion = "0.2.0"' 'prevResult.cniVersion: "0.2.0" is not supported'
	refuses 6 web '.prevResult.cniVersion = "9.9.9"' 'prevResult.cniVersion: "9.9.9" is not supported'
}

@test "below 1.0.0 an address must say its family, and truly" {
	refuses 6 web '.cniVersion = "0.4.0" | .prevResult.cniVersion = "0.4.0"' "prevResult.ips[0]"
	refuses 6 web '.cniVersion = "0.4.0" | .prevResult.cniVersion = "0.4.0" | .prevResult.ips[].version = "4"' "prevResult.ips[1]"
}

@test "no address for the interface would mean that every packet is spoofed" {
	refuses 7 web '.prevResult.ips = []' "no address for eth0"
	says antiSpoof
	refuses 7 web '.prevResult.interfaces[2].name = "eth7"' "no address for eth0"
}

# Interface and netns

@test "a container without that interface is 100" {
	lab_pod empty
	jq '.interfaces[2].sandbox = "/run/netns/empty"' "$LAB_DIRECTORY/web-eth0.result" >"$LAB_DIRECTORY/empty-eth0.result"
	refuses 100 empty . "find interface eth0 (CNI_IFNAME) in the container: No such device"
}

# kind_is_refused KIND [ARGUMENT-OF-IP...]: a pod's eth0 of that kind
kind_is_refused() {
	local kind=$1

	shift
	lab_pod "$kind"
	if ! lab ip "$@" 2>"$BATS_TEST_TMPDIR/error"; then
		grep -qE 'Unknown device type|Operation not supported' "$BATS_TEST_TMPDIR/error"
		skip "this kernel has no $kind"
	fi
	cp "$LAB_DIRECTORY/web-eth0.result" "$LAB_DIRECTORY/$kind-eth0.result"
	take_snapshot
	refuses 100 "$kind" . "the container's eth0 is of kind \"$kind\", not a veth with a host side"
	says "not behind macvlan, ipvlan or host-device"
}

# upon_link_is_refused KIND OPTION...: kinds that are made upon another link
upon_link_is_refused() {
	local kind=$1

	shift
	lab ip link add "parent-$kind" type veth peer name "other-$kind"
	kind_is_refused "$kind" link add link "parent-$kind" name eth0 netns "$kind" type "$kind" "$@"
}

@test "macvlan is 100" {
	upon_link_is_refused macvlan mode bridge
}

@test "ipvlan is 100" {
	upon_link_is_refused ipvlan mode l2
}

@test "macvtap is 100" {
	upon_link_is_refused macvtap mode bridge
}

@test "bridge is 100" {
	kind_is_refused bridge -n bridge link add eth0 type bridge
}

@test "ifb is 100" {
	kind_is_refused ifb -n ifb link add eth0 type ifb
}

@test "tun is 100" {
	kind_is_refused tun -n tun tuntap add dev eth0 mode tun
}

@test "the loopback interface is 100" {
	local before

	before=$(snapshot)
	fails 100 ADD web . CNI_IFNAME=lo
	says "not a veth"
	unchanged "$before"
}

@test "a veth whose other side is in a third netns is 100" {
	lab_pod third
	lab_pod lost
	lab ip -n lost link add eth0 type veth peer name eth0 netns third
	cp "$LAB_DIRECTORY/web-eth0.result" "$LAB_DIRECTORY/lost-eth0.result"
	take_snapshot
	refuses 100 lost . "host side"
}

@test "a veth whose other side has the ifindex of an unrelated link here is 100" {
	local index other

	for other in rf0 "$(host_interface neighbour)"; do
		index=$(lab cat "/sys/class/net/$other/ifindex")
		lab_pod far
		lab_pod near
		lab ip link add x0 netns far index "$index" type veth peer name eth0 netns near
		cp "$LAB_DIRECTORY/web-eth0.result" "$LAB_DIRECTORY/near-eth0.result"
		take_snapshot
		refuses 100 near . "ifindex $index is $other, which does not point back"
		lab ip netns del near
		lab ip netns del far
	done
}

@test "a netns that cannot be opened, or is none, is 8" {
	netns_refused /run/netns/nowhere "No such file or directory"
	lab touch /run/regular
	netns_refused /run/regular "not a network namespace"
	netns_refused /run "not a network namespace"
	netns_refused /dev/null "not a network namespace"
	lab mkfifo /run/pipe
	netns_refused /run/pipe "not a network namespace"
	netns_refused /proc/self/ns/mnt "not a network namespace"
}

@test "the plugin's own netns is 8, unless CNI_NETNS_OVERRIDE is set" {
	netns_refused /proc/self/ns/net "own network namespace"
	says CNI_NETNS_OVERRIDE
	fails 8 ADD web . CNI_NETNS=/proc/self/ns/net CNI_NETNS_OVERRIDE=0
	for override in 1 true; do
		fails 100 ADD web . CNI_NETNS=/proc/self/ns/net CNI_NETNS_OVERRIDE=$override
		says "find interface eth0"
	done
}

# Our own keys

@test "an unknown key is 2 and is named: a typo must not weaken a policy" {
	refuses 2 web '.polcy = {}' polcy
	says policy
	refuses 2 web '.Policy = {}' Policy
	refuses 2 web '.policy.ingres = {}' policy.ingres
	refuses 2 web '.policy.ingress.defualt = "deny"' policy.ingress.defualt
	refuses 2 web "$(rules_with '{id: 4, action: "allow", port: ["80"]}')" "policy.ingress.rules[3].port"
	refuses 2 web '.maps.session = 5' maps.session
	refuses 2 web '.limits.newFlows = 5' limits.newFlows
	refuses 2 web '.runtimeConfig.bandwidth.rate = 5' runtimeConfig.bandwidth.rate
	refuses 2 web '.policy.selector = {}' policy.selector
}

@test "a wrong type is 6 and is named" {
	refuses 6 web '.policy = []' policy
	refuses 6 web '.policy.egress = "deny"' policy.egress
	refuses 6 web '.policy.ingress.rules = {}' policy.ingress.rules
	refuses 6 web "$(rules_with '"allow"')" "policy.ingress.rules[3]"
	refuses 6 web "$(rules_with '{id: "4", action: "allow"}')" "policy.ingress.rules[3].id"
	refuses 6 web "$(rules_with '{id: 4, action: true}')" "policy.ingress.rules[3].action"
	refuses 6 web "$(rules_with '{id: 4, action: "allow", peers: "10.0.0.0/8"}')" "policy.ingress.rules[3].peers"
	refuses 6 web "$(rules_with '{id: 4, action: "allow", peers: ["10.0.0.0/8", 5]}')" "policy.ingress.rules[3].peers[1]"
	refuses 6 web '.attach = 1' attach
	refuses 6 web '.antiSpoof = "true"' antiSpoof
	refuses 6 web '.hostAccess = true' hostAccess
	refuses 6 web '.etherTypes = "arp"' etherTypes
	refuses 6 web '.maps = 5' maps
	refuses 6 web '.maps.sessions = "5"' maps.sessions
}

@test "a bad prefix is 7 and is named" {
	local prefix

	for prefix in 10.0.0.0/33 10.0.0/8 10.0.0.256 fd00::/129 fd00:::/8 10.0.0.0/-1 10.0.0.0/08 "10.0.0.0/8 " example.com ''; do
		refuses 7 web "$(rules_with "{id: 4, action: \"allow\", peers: [\"10.0.0.0/8\", \"$prefix\"]}")" "policy.ingress.rules[3].peers[1]"
	done
}

@test "host bits in a prefix are 7, and what may be meant is said" {
	refuses 7 web "$(rules_with '{id: 4, action: "allow", peers: ["10.0.0.0/8", "10.1.2.3/24"]}')" \
		'policy.ingress.rules[3].peers[1]: "10.1.2.3/24" has host bits set: did you mean 10.1.2.0/24?'
	refuses 7 web "$(rules_with '{id: 4, action: "allow", peers: ["fd00::1/64"]}')" \
		'policy.ingress.rules[3].peers[0]: "fd00::1/64" has host bits set: did you mean fd00::/64?'
	refuses 7 web "$(rules_with '{id: 4, action: "allow", peers: ["10.0.0.0/8"], except: ["10.1.2.3/24"]}')" \
		'policy.ingress.rules[3].except[0]: "10.1.2.3/24" has host bits set'
}

@test "a prefix of the wrong family is 7 and is named" {
	refuses 7 web "$(rules_with '{id: 4, action: "allow", protocol: "icmp", peers: ["10.0.0.0/8", "fd00::/8"]}')" \
		"policy.ingress.rules[3].peers[1]: fd00::/8 is IPv6, but the rule's protocol is icmp"
	refuses 7 web "$(rules_with '{id: 4, action: "allow", protocol: "icmpv6", peers: ["fd00::/8", "10.0.0.0/8"]}')" \
		"policy.ingress.rules[3].peers[1]: 10.0.0.0/8 is IPv4, but the rule's protocol is icmpv6"
	refuses 7 web "$(rules_with '{id: 4, action: "allow", peers: ["10.0.0.0/8"], except: ["fd00::/16"]}')" \
		"policy.ingress.rules[3].except[0]"
}

@test "a bad port is 7 and is named" {
	local port

	for port in '"65536"' '"80-"' '"90-80"' '"-1"' '"http"' '"080"' '""' '" 80"' 65536 -1 8.5; do
		refuses 7 web "$(rules_with "{id: 4, action: \"allow\", protocol: \"tcp\", ports: [\"1\", $port]}")" "policy.ingress.rules[3].ports[1]"
	done
	refuses 7 web "$(rules_with '{id: 4, action: "allow", ports: ["80"]}')" "policy.ingress.rules[3].ports"
	says "no ports"
	refuses 7 web "$(rules_with '{id: 4, action: "allow", protocol: "icmp", ports: ["8", "256"]}')" "policy.ingress.rules[3].ports[1]"
	refuses 7 web "$(rules_with '{id: 4, action: "allow", protocol: "tpc"}')" "policy.ingress.rules[3].protocol"
}

@test "a rule id that is used twice is 7: both places are named, also across directions" {
	refuses 7 web "$(rules_with '{id: 2, action: "deny"}')" "policy.ingress.rules[3].id: 2 is already the id of policy.ingress.rules[1]"
	refuses 7 web "$(policy "$(allow 9 tcp 80)") | .policy.egress.rules = [$(allow 8 tcp 1), $(allow 9 tcp 80)]" \
		"policy.egress.rules[1].id: 9 is already the id of policy.ingress.rules[0]"
}

@test "rules without id or action, and values that are not allowed, are 7" {
	refuses 7 web "$(rules_with '{action: "allow"}')" 'policy.ingress.rules[3]: required key "id"'
	refuses 7 web "$(rules_with '{id: 4}')" 'policy.ingress.rules[3]: required key "action"'
	refuses 7 web "$(rules_with '{id: 0, action: "allow"}')" "policy.ingress.rules[3].id"
	refuses 7 web "$(rules_with '{id: 4294967296, action: "allow"}')" "policy.ingress.rules[3].id"
	refuses 7 web "$(rules_with '{id: 4, action: "permit"}')" "policy.ingress.rules[3].action"
	says "allow, deny, log, reject"
	refuses 7 web "$(rules_with '{id: 4, action: "deny", qos: {dscp: "EF"}}')" "policy.ingress.rules[3].qos"
	refuses 7 web "$(rules_with '{id: 4, action: "allow", peers: []}')" "policy.ingress.rules[3].peers"
	refuses 7 web "$(rules_with '{id: 4, action: "allow", priority: -1}')" "policy.ingress.rules[3].priority"
	refuses 7 web '.policy.egress.default = "reject"' policy.egress.default
	refuses 7 web '.attach = "xdp"' attach
	says "auto, tcx, clsact"
	refuses 7 web '.hostAccess = "deny"' hostAccess
	refuses 7 web '.etherTypes = ["arp", "nonsense"]' "etherTypes[1]"
	refuses 7 web '.maps.sessions = 0' maps.sessions
	refuses 7 web '.maps.denies = 5000' maps.denies
	says "power of two"
	refuses 7 web '.mode = "permissive"' mode
	says "enforce, audit"
	refuses 7 web '.limits = {sessions: 0}' limits.sessions
	refuses 7 web '.limits = {newFlowsBurst: 5}' limits.newFlowsBurst
	refuses 7 web '.runtimeConfig = {bandwidth: {egressBurst: 5}}' runtimeConfig.bandwidth.egressBurst
}

@test "the agent of a later issue is 2: refused, not ignored" {
	refuses 2 web '.agent = {socket: "/run/x.sock", fallback: "deny"}' "not supported yet"
}

@test "what is refused is refused by CHECK too, and DEL does not mind" {
	local before

	before=$(snapshot)
	fails 2 CHECK neighbour '.polcy = {}'
	fails 7 CHECK neighbour 'del(.prevResult)'
	fails 7 CHECK neighbour "$(rules_with '{id: 4, action: "permit"}')"
	succeeds DEL web '.polcy = {}'
	succeeds DEL web 'del(.prevResult) | .policy = 5'
	unchanged "$before"
	succeeds CHECK neighbour "$(policy "$(allow 1 tcp 80)")"
}

@test "bad input before anything was ever loaded leaves no trace at all" {
	local outer=$LAB_DIRECTORY

	load helpers.bash
	start_host
	pod web 2
	before=$(snapshot)
	fails 7 ADD web "$(rules_with '{id: 4, action: "permit"}')"
	fails 2 ADD web '.polcy = {}'
	fails 8 ADD web . CNI_NETNS=/run/netns/nowhere
	fails 100 ADD web . CNI_IFNAME=lo
	fails 106 CHECK web
	succeeds DEL web
	unchanged "$before"
	lab test ! -e "$PINS"
	stop_host
	LAB_DIRECTORY=$outer
}
