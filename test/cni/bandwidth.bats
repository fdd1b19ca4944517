#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# The `bandwidth` plugin in the same chain, before and after ringfence, behind the real bridge and host-local. It shapes what goes to the
# pod by a TBF at the root of the host's side of the veth, and what comes from it by an ingress qdisc, a u32 filter and an ifb.

setup() {
	load helpers.bash
	load bulk.bash
	warm_host
	for name in web friend; do
		lab_pod "$name"
		in_pod "$name" sysctl -qw net.ipv6.conf.default.accept_dad=0
	done
	lab sysctl -qw net.ipv6.conf.default.accept_dad=0
	conflist friend
	chain ADD friend "$LAB_DIRECTORY/friend.conflist" >"$LAB_DIRECTORY/friend-eth0.result"
	before=$(snapshot)
}

teardown() {
	stop_host
}

TO_POD='{ingressRate: 200000000, ingressBurst: 80000000}'
FROM_POD='{egressRate: 200000000, egressBurst: 80000000}'

# conflist POD [FILTER...]: bridge, and what the filters make, as $LAB_DIRECTORY/POD.conflist
conflist() {
	local entries="" filter

	for filter in "${@:2}"; do
		entries+=", $filter"
	done
	jq -n '{
		cniVersion: "1.0.0", name: "net",
		plugins: [{
			type: "bridge", bridge: "rf1", isGateway: true,
			ipam: {type: "host-local", ranges: [[{subnet: "10.88.1.0/24"}], [{subnet: "fd00:88:1::/64"}]]}
		}'"$entries"']
	}' >"$LAB_DIRECTORY/$1.conflist"
}

ringfence_entry() { # ATTACH
	echo "{type: \"ringfence\", attach: \"$1\", policy: {ingress: {rules: [$(allow 1 tcp 80)]}}}"
}

bandwidth_entry() { # RATES
	echo "({type: \"bandwidth\"} + $1)"
}

add_web() {
	chain ADD web "$LAB_DIRECTORY/web.conflist" >"$LAB_DIRECTORY/web-eth0.result"
	link=$(jq -r '.interfaces[1].name' "$LAB_DIRECTORY/web-eth0.result")
}

policy_holds() {
	local address

	for address in $(addresses web); do
		echo reaches friend tcp "$address" 80
		echo reaches_not friend tcp "$address" 81
	done >"$BATS_TEST_TMPDIR/attempts"
	together <"$BATS_TEST_TMPDIR/attempts"
}

tbf_bytes() { # LINK
	lab tc -s -j qdisc show dev "$1" root | jq '.[] | select(.kind == "tbf") | .bytes'
}

ifb() {
	lab ip -j link show type ifb | jq -r '.[].ifname // empty'
}

shapes_more() { # LINK COMMAND...: while it runs, more bytes go through the TBF there
	local link=$1 bytes

	shift
	bytes=$(tbf_bytes "$link")
	[ -n "$bytes" ] || fail "no TBF at $link"
	"$@"
	[ "$(tbf_bytes "$link")" -gt "$bytes" ] || fail "the TBF at $link has seen nothing"
}

# The links whose TBF shapes: that of the pod, and the ifb
shaped() { # RATES
	[[ $1 != *ingress* ]] || echo "$link"
	[[ $1 != *egress* ]] || ifb
}

# in_chain ATTACH RATES ENTRY...: both work, each DEL removes its own
in_chain() {
	local attach=$1 rates=$2 shaper
	local -a shapers

	conflist web "${@:3}"
	add_web
	is_attached "$link"
	expect attach "$attach" "$(record_value web attach)"
	serve web tcp 80
	serve web tcp 81
	mapfile -t shapers < <(shaped "$rates")
	[ "${#shapers[@]}" -ge 1 ]
	for shaper in "${shapers[@]}"; do
		shapes_more "$shaper" policy_holds
	done
	# Ours alone goes, and then is there again.
	jq '.plugins[] | select(.type == "ringfence") + {name: "net", cniVersion: "1.0.0"}' "$LAB_DIRECTORY/web.conflist" |
		plugin DEL web ringfence
	within 2 is_detached "$link"
	for shaper in "${shapers[@]}"; do
		shapes_more "$shaper" reaches friend tcp "$(addresses web | head -n 1)" 81
	done
	chain DEL web "$LAB_DIRECTORY/web.conflist"
	unchanged "$before"
	expect "ifb" "" "$(ifb)"
	# And both together.
	add_web
	is_attached "$link"
	chain DEL web "$LAB_DIRECTORY/web.conflist"
	chain DEL web "$LAB_DIRECTORY/web.conflist"
	unchanged "$before"
	expect "ifb" "" "$(ifb)"
}

# in_either_order ATTACH RATES
in_either_order() {
	in_chain "$1" "$2" "$(ringfence_entry "$1")" "$(bandwidth_entry "$2")"
	in_chain "$1" "$2" "$(bandwidth_entry "$2")" "$(ringfence_entry "$1")"
}

needs_ifb() {
	lab ip link add ifb9 type ifb 2>/dev/null || skip "this kernel has no ifb"
	lab ip link del ifb9
}

@test "tcx: bandwidth to the pod, in either order" {
	needs_tcx
	in_either_order tcx "$TO_POD"
}

@test "tcx: bandwidth from the pod, in either order" {
	needs_tcx
	needs_ifb
	in_either_order tcx "$FROM_POD"
}

@test "tcx: bandwidth both ways, in either order" {
	needs_tcx
	needs_ifb
	in_either_order tcx "$TO_POD + $FROM_POD"
}

@test "clsact: bandwidth to the pod, in either order" {
	in_either_order clsact "$TO_POD"
}

# lower_holds OURS THEIRS LOWER: of the two rates, in bits a second, each way
lower_holds() {
	local theirs="{ingressRate: $2, ingressBurst: 1000000, egressRate: $2, egressBurst: 1000000}"

	conflist web "$(ringfence_entry tcx) + {runtimeConfig: {bandwidth: {ingressRate: $1, egressRate: $1}}}" "$(bandwidth_entry "$theirs")"
	add_web
	keeps_rate 20 "$3" web ingress 1 3 80
	keeps_rate 20 "$3" web egress 1 3 81
	chain DEL web "$LAB_DIRECTORY/web.conflist"
	unchanged "$before"
}

@test "tcx: a rate that is given to both holds as the lower one, each way" {
	needs_tcx
	needs_ifb
	lower_holds 10000000 200000000 10000000
	lower_holds 200000000 10000000 10000000
}

# refused ENTRY...: the chain's ADD fails, and its DEL leaves nothing; sets `said`
refused() {
	conflist web "$@"
	said=$(chain ADD web "$LAB_DIRECTORY/web.conflist") && fail "the chain is added"
	chain DEL web "$LAB_DIRECTORY/web.conflist"
	unchanged "$before"
	expect "ifb" "" "$(ifb)"
}

@test "clsact after bandwidth from the pod is 104, and the chain's DEL leaves nothing" {
	needs_ifb
	refused "$(bandwidth_entry "$FROM_POD")" "$(ringfence_entry clsact)"
	expect code 104 "$(jq .code <<<"$said")"
	says 'has a qdisc of kind \"ingress\" where clsact is needed'
}

@test "clsact before bandwidth from the pod: that one's ADD fails, and the chain's DEL leaves nothing" {
	needs_ifb
	refused "$(ringfence_entry clsact)" "$(bandwidth_entry "$FROM_POD")"
	says "file exists"
}

@test "through libcni: a bandwidth that the runtime asks for is given to the plugin that has the capability, and does not disturb ours" {
	needs_ifb
	command -v cnitool >/dev/null || skip "no cnitool (scripts/setup.sh test builds it)"
	conflist web '{type: "bandwidth", capabilities: {bandwidth: true}}' "$(ringfence_entry auto)"
	lab mkdir -p /etc/cni/net.d
	lab tee /etc/cni/net.d/10-net.conflist <"$LAB_DIRECTORY/web.conflist" >/dev/null
	for verb in add check del; do
		lab env CNI_PATH="$CNI_PLUGINS:$RINGFENCE_DIRECTORY" CAP_ARGS="$(jq -cn "{bandwidth: ($TO_POD + $FROM_POD)}")" \
			timeout -k 5 "$PATIENCE" cnitool "$verb" net /run/netns/web >"$BATS_TEST_TMPDIR/$verb"
		if [ "$verb" = add ]; then
			cp "$BATS_TEST_TMPDIR/add" "$LAB_DIRECTORY/web-eth0.result"
			link=$(jq -r '.interfaces[1].name' "$LAB_DIRECTORY/web-eth0.result")
			is_attached "$link"
			serve web tcp 80
			serve web tcp 81
			[ "$(lab ip -j link show type ifb | jq length)" = 1 ]
			policy_holds
			[ "$(tbf_bytes "$link")" -gt 0 ]
		fi
	done
	unchanged "$before"
	expect "ifb" "" "$(ifb)"
}
