#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Through libcni, by its cnitool: it reads the conflist, adds what it adds to each plugin's configuration, keeps results in its cache, and
# reads our answers as a runtime does. The first plugin is the real bridge with host-local: up to CNI 1.0.0 the distribution's,
# for 1.1.0 a newer one, so that GC and STATUS go through the whole chain.

setup() {
	load helpers.bash
	# shellcheck source=scripts/lib.sh
	. "$ROOT/scripts/lib.sh"
	PLUGINS=$CNI_PLUGINS
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
	lab env CNI_PATH="$PLUGINS:$RINGFENCE_DIRECTORY" CNI_ARGS="IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=$2" \
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

@test "1.1.0: add, check, del" {
	needs_1_1
	adds_checks_and_removes 1.1.0
}

@test "0.3.0 and 0.3.1: add and del; libcni itself refuses CHECK" {
	for version in 0.3.0 0.3.1; do
		conflist "$version"
		add web
		is_attached "$(host_interface web)"
		run tool check web
		[[ $status == 1 && $output == *"does not support the CHECK command"* ]]
		tool del web
		expect "records" 0 "$(lab find "$RUN/attachments" -type f | wc -l)"
	done
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

needs_1_1() {
	PLUGINS=$CACHE/cni-plugins
	if [ ! -x "$PLUGINS/bridge" ] || ! have collect; then
		skip "what knows CNI 1.1.0 is not there: scripts/setup.sh test builds it where Go is 1.24 or newer"
	fi
}

# attachment POD: its container and interface, as libcni knows it
attachment() {
	local file

	file=$(lab grep -l "\"podName\":.*\"$1\"" -r "$RUN/attachments/net")
	file=${file##*/}
	echo "${file%:eth0.json}/eth0"
}

# gc POD...: those that the runtime still has
gc() {
	local pod valid=()

	for pod; do
		valid+=("$(attachment "$pod")")
	done
	lab env CNI_PATH="$PLUGINS:$RINGFENCE_DIRECTORY" NETCONFPATH="$NET" timeout -k 5 "$PATIENCE" collect net "${valid[@]}"
}

three_pods() {
	conflist 1.1.0
	lab_pod visitor
	in_pod visitor sysctl -qw net.ipv6.conf.default.accept_dad=0
	for pod in web friend visitor; do
		add "$pod"
	done
}

# web, which the runtime has forgotten, has no attachment any more; the others are as they were.
only_web_is_gone() {
	within 2 is_detached "$(host_interface web)"
	expect "records" 2 "$(lab find "$RUN/attachments" -type f | wc -l)"
	tool check friend
	tool check visitor
	serve friend tcp 80
	serve friend tcp 81
	for address in $(addresses friend); do
		reaches visitor tcp "$address" 80
		reaches_not visitor tcp "$address" 81
	done
}

# What host-local has given away
given_addresses() {
	lab find /var/lib/cni/networks/net -type f ! -name 'last_reserved_ip*' ! -name lock | wc -l
}

@test "1.1.0: status of the whole chain, before and after the first add" {
	needs_1_1
	conflist 1.1.0
	tool status web
	add web
	tool status web
	lab rm "$PINS/maps/pods"
	run tool status web
	[ "$status" = 1 ]
	[[ $output == *"maps/pods"* ]]
}

@test "1.1.0: gc removes the pod that the runtime has forgotten, by libcni's DEL, and keeps those that are listed" {
	needs_1_1
	three_pods
	gc friend visitor
	expect "addresses of host-local" 4 "$(given_addresses)"
	only_web_is_gone
}

@test "1.1.0: gc removes the pod that libcni has forgotten, too, by our own GC" {
	needs_1_1
	three_pods
	lab rm "/var/lib/cni/results/net-$(attachment web | tr / -)"
	gc friend visitor
	only_web_is_gone
}

@test "1.1.0: gc that lists no pod, and cnitool's, which gives no list, remove all" {
	needs_1_1
	conflist 1.1.0
	add friend
	tool del friend
	before=$(snapshot)
	add web
	add friend
	gc
	unchanged "$before"
	add web
	add friend
	tool gc web
	expect "addresses of host-local" 0 "$(given_addresses)"
	unchanged "$before"
}

@test "1.1.0: cnitool's gc is refused where neither a list nor libcni's cache tells which pods there are" {
	needs_1_1
	conflist 1.1.0
	add web
	lab rm -r /var/lib/cni/results
	run tool gc web
	[ "$status" = 1 ]
	[[ $output == *"cni.dev/valid-attachments"* ]]
	is_attached "$(host_interface web)"
	gc
	within 2 is_detached "$(host_interface web)"
	expect "records" 0 "$(lab find "$RUN/attachments" -type f | wc -l)"
}
