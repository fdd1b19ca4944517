#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Through libcni, by its cnitool: it reads the conflist, adds what it adds to each plugin's configuration, keeps results in its cache, and
# reads our answers as a runtime does. The first plugin is the real bridge with host-local.

setup() {
	load helpers.bash
	command -v cnitool >/dev/null || skip "no cnitool (scripts/setup.sh test builds it)"
	start_host
	lab mkdir -p "$NET"
	for name in web friend; do
		lab_pod "$name"
		in_pod "$name" sysctl -qw net.ipv6.conf.default.accept_dad=0
	done
	lab sysctl -qw net.ipv6.conf.default.accept_dad=0
}

teardown() {
	stop_host
}

NET=/etc/cni/net.d

# conflist VERSION FILTER: bridge and ringfence, as a network `net`
conflist() {
	jq -n --arg version "$1" '{
		cniVersion: $version, name: "net",
		plugins: [
			{
				type: "bridge", bridge: "rf1", isGateway: true,
				ipam: {type: "host-local", ranges: [[{subnet: "10.88.1.0/24"}], [{subnet: "fd00:88:1::/64"}]]}
			},
			{type: "ringfence", capabilities: {bandwidth: true}, policy: {ingress: {rules: [
				{id: 1, action: "allow", protocol: "tcp", ports: ["80"]}
			]}}}
		]
	} | '"${2:-.}" | lab tee "$NET/10-net.conflist" >/dev/null
}

tool() { # VERB POD
	lab env CNI_PATH="$CNI_PLUGINS:$RINGFENCE_DIRECTORY" CNI_ARGS="IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=$2" \
		timeout -k 5 "$PATIENCE" cnitool "$1" net "/run/netns/$2"
}

add() { # POD: keeps the result
	tool add "$1" >"$LAB_DIRECTORY/$1-eth0.result"
}

adds_checks_and_removes() { # VERSION
	local before link

	conflist "$1"
	# The bridge stays, as it should.
	add web
	tool del web
	before=$(snapshot)
	add friend
	add web
	expect "version of the result" "$1" "$(jq -r .cniVersion "$LAB_DIRECTORY/web-eth0.result")"
	expect "interfaces" "rf1 eth0" "$(jq -r '.interfaces | .[0].name, .[2].name' "$LAB_DIRECTORY/web-eth0.result" | xargs)"
	link=$(host_interface web)
	is_attached "$link"
	[[ $(ctl pod list) == *default/web* ]]
	serve web tcp 80
	serve web tcp 81
	for address in $(addresses web); do
		echo reaches friend tcp "$address" 80
		echo reaches_not friend tcp "$address" 81
	done >"$BATS_TEST_TMPDIR/attempts"
	together <"$BATS_TEST_TMPDIR/attempts"
	tool check web
	tool del web
	tool del web
	within 2 is_detached "$link"
	is_attached "$(host_interface friend)"
	tool del friend
	unchanged "$before"
}

@test "0.4.0: add, check, del" {
	adds_checks_and_removes 0.4.0
}

@test "1.0.0: add, check, del" {
	adds_checks_and_removes 1.0.0
}

@test "0.3.1: add and del; libcni itself leaves CHECK out" {
	conflist 0.3.1
	add web
	is_attached "$(host_interface web)"
	tool del web
	expect "records" 0 "$(lab find "$RUN/attachments" -type f | wc -l)"
}

@test "check fails, with our message, when the pod is not protected any more" {
	conflist 1.0.0
	add web
	ringfence DEL web CNI_CONTAINERID="$(lab sh -c "ls $RUN/attachments/net" | sed 's/:.*//')" < <(config web)
	run tool check web
	[ "$status" = 1 ]
	[[ $output == *"has no attachment in network net"* ]]
}

@test "add that is refused fails with our message, and del leaves nothing" {
	conflist 1.0.0 '.plugins[1].policy.ingress.rules[0].peers = ["10.0.0.1/8"]'
	lab ip link add rf1 type bridge
	before=$(snapshot)
	run tool add web
	[ "$status" = 1 ]
	[[ $output == *"policy.ingress.rules[0].peers[0]"*"host bits"* ]]
	tool del web
	unchanged "$before"
}

@test "del with the plugin's keys changed to nonsense still cleans up" {
	conflist 1.0.0
	add friend
	before=$(snapshot)
	add web
	conflist 1.0.0 '.plugins[1].policy = "nonsense" | .plugins[1].polcy = 1'
	tool del web
	unchanged "$before"
}

@test "del after a reboot, as it were: all of /run and the pins are gone" {
	conflist 1.0.0
	add web
	lab rm -rf "$RUN" /sys/fs/bpf/ringfence
	tool del web
	lab test ! -e /sys/fs/bpf/ringfence
}

# The bridge plugin of Debian 12 knows CNI up to 1.0.0, so ringfence stands alone in what follows.
conflist_1_1() {
	conflist 1.1.0 'del(.plugins[0])'
}

needs_1_1() {
	local usage

	usage=$(cnitool 2>&1 || true)
	[[ $usage == *status* ]] || skip "cnitool before 1.3.0 has no gc and status"
}

@test "1.1.0: status, before and after the first add" {
	needs_1_1
	conflist_1_1
	tool status web
	conflist 1.0.0
	add web
	conflist_1_1
	tool status web
	lab rm "$PINS/maps/pods"
	run tool status web
	[ "$status" = 1 ]
	[[ $output == *"maps/pods"* ]]
}

@test "1.1.0: gc, which in cnitool lists no attachment as valid" {
	needs_1_1
	conflist 1.0.0
	add web
	add friend
	conflist_1_1
	tool gc web
	expect "records" 0 "$(lab find "$RUN/attachments" -type f | wc -l)"
	within 2 is_detached "$(host_interface web)"
	within 2 is_detached "$(host_interface friend)"
}
