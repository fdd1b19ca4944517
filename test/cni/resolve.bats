#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Which interface of the host is a pod's, and which addresses are its own: by what the kernel says of CNI_NETNS and CNI_IFNAME,
# whatever names are around. Each test has its own host.

setup() {
	load helpers.bash
	warm_host
	empty=$(snapshot)
}

teardown() {
	stop_host
}

# Ends a test: the pods are removed, and nothing of them is left.
nothing_is_left() { # POD...
	local pod

	for pod; do
		lab ip netns del "$pod"
	done
	within 5 is_empty || fail "left:" "$(diff <(echo "$empty") <(snapshot))"
}

is_empty() {
	[ "$(snapshot)" = "$empty" ]
}

attached_to_only() { # INTERFACE
	expect "interfaces with programs" "$1" "$({
		lab "$TOOLS/kernel" hooks | awk '$4 ~ /^rf_/ { print $1 }'
		for link in $(lab ls /sys/class/net); do
			[ -z "$(attached "$link")" ] || echo "$link"
		done
	} | sort -u)"
}

# copy_result POD FROM: the result of another pod's interface, for one that was made by hand
copy_result() {
	jq --arg sandbox "/run/netns/$1" '.interfaces[2].sandbox = $sandbox' "$LAB_DIRECTORY/$2-eth0.result" \
		>"$LAB_DIRECTORY/$1-eth0.result"
}

# Names

@test "an interface of the host that is called like the pod's is not meant" {
	pod web 2
	lab ip link add eth0 type veth peer name eth0-peer
	succeeds ADD web
	attached_to_only v2
	succeeds CHECK web
	succeeds DEL web
	lab ip link del eth0
	nothing_is_left web
}

@test "an alternative name of an interface is not its name" {
	pod web 2
	lab ip -n web link set eth0 down
	lab ip -n web link set eth0 name net7
	lab ip -n web link property add dev net7 altname eth0
	refuses 100 web . "only an alternative name of net7"
	succeeds ADD web '.prevResult.interfaces[2].name = "net7"' CNI_IFNAME=net7
	attached_to_only v2
	succeeds DEL web . CNI_IFNAME=net7
	nothing_is_left web
}

@test "a host side that is renamed after ADD stays protected, and a pod that gets the old name is apart" {
	pod web 2
	succeeds ADD web
	lab ip link set v2 down
	lab ip link set v2 name renamed
	lab ip link set renamed up
	succeeds CHECK web
	# The name goes to another pod's.
	lab_pod friend
	lab ip link add v2 type veth peer name eth0 netns friend
	jq '.interfaces[2].sandbox = "/run/netns/friend" | .ips[0].address = "10.88.0.9/24" | .ips[1].address = "fd00:88::9/64"' \
		"$LAB_DIRECTORY/web-eth0.result" >"$LAB_DIRECTORY/friend-eth0.result"
	succeeds ADD friend
	succeeds CHECK web
	succeeds DEL web
	within 2 is_detached renamed
	succeeds CHECK friend
	attached_to_only v2
	succeeds DEL friend
	nothing_is_left web friend
}

# Namespaces

has_gone_in() { # PROCESS: what it runs in the pod
	[ "$(lab cat "/proc/$1/comm")" = sleep ]
}

@test "CNI_NETNS may be a process's, a thread's, or a symbolic link" {
	local process thread path

	pod web 2
	process=$(lab bash -c 'ip netns exec web sleep 600 >/dev/null 2>&1 & echo $!')
	within 10 has_gone_in "$process"
	lab ln -s ../run/netns/web /run/link
	# A process of the host with one thread that has gone into the pod
	cat >"$BATS_TEST_TMPDIR/thread.py" <<-'END'
		import ctypes, os, threading, time


		def go():
		    ctypes.CDLL(None).setns(os.open("/run/netns/web", os.O_RDONLY), 0x40000000)
		    with open("/run/thread.new", "w") as file:
		        file.write(f"/proc/{os.getpid()}/task/{threading.get_native_id()}/ns/net")
		    os.rename("/run/thread.new", "/run/thread")
		    time.sleep(600)


		threading.Thread(target=go).start()
	END
	lab /usr/bin/python3 "$BATS_TEST_TMPDIR/thread.py" 3>&- 4>&- &
	within 10 lab test -e /run/thread
	thread=$(lab cat /run/thread)
	for path in "/proc/$process/ns/net" "$thread" /run/link; do
		succeeds ADD web . CNI_NETNS="$path"
		attached_to_only v2
		succeeds CHECK web . CNI_NETNS="$path"
		succeeds DEL web . CNI_NETNS="$path"
		within 2 is_detached v2
	done
	lab kill "$process" "$(cut -d/ -f3 <<<"$thread")"
	lab rm /run/thread /run/link
	nothing_is_left web
}

@test "a plugin in a namespace within the host's finds its pods, and not those of others" {
	local inside

	# A node within the host, as in a container that runs a kubelet; its pod is beside it.
	lab ip netns add node
	pod web 2
	lab ip link set v2 netns node
	lab ip -n node link set v2 up
	inside=(nsenter --net=/run/netns/node)
	refuses 100 web . "host side"
	succeeds ADD web . "${inside[@]}"
	expect "attached in the node" $'egress\ningress' "$(lab "${inside[@]}" "$TOOLS/kernel" hooks | awk '$1 == "v2" { print $3 }' | sort)"
	attached_to_only ""
	succeeds CHECK web . "${inside[@]}"
	succeeds DEL web . "${inside[@]}"
	# A pod of the outer host is none of the node's.
	pod friend 3
	fails 100 ADD friend . "${inside[@]}"
	says "host side"
	nothing_is_left node web friend
}

@test "a veth whose ifindexes are those of another pair is told from it by the namespace's id" {
	pod friend 3
	lab_pod other
	lab_pod near
	lab_pod far
	# On the host: ifindex 700, whose other side is ifindex 70 of other. Elsewhere the same numbers again.
	lab ip link add here index 700 type veth peer name eth0 index 70 netns other
	lab ip link add there index 700 netns far type veth peer name eth0 index 70 netns near
	copy_result other friend
	copy_result near friend
	refuses 100 near . "ifindex 700 is here, which does not point back"
	succeeds ADD other
	attached_to_only here
	succeeds DEL other
	nothing_is_left friend other near far
}

@test "a veth with both sides in the container has no host side" {
	pod friend 3
	lab_pod loop
	lab ip -n loop link add eth0 type veth peer name eth1 index "$(lab cat /sys/class/net/rf0/ifindex)"
	copy_result loop friend
	refuses 100 loop . "has no host side here"
	nothing_is_left friend loop
}

@test "with CNI_NETNS_OVERRIDE a veth of the plugin's own namespace is taken" {
	pod web 2
	lab ip link add v9 type veth peer name own9
	jq '.interfaces[2] = {name: "own9", sandbox: "/proc/self/ns/net"}' "$LAB_DIRECTORY/web-eth0.result" >"$LAB_DIRECTORY/own-own9.result"
	IFNAME=own9 succeeds ADD own . CNI_NETNS=/proc/self/ns/net CNI_NETNS_OVERRIDE=1
	attached_to_only v9
	IFNAME=own9 succeeds CHECK own . CNI_NETNS=/proc/self/ns/net CNI_NETNS_OVERRIDE=true
	IFNAME=own9 succeeds DEL own . CNI_NETNS=
	within 2 is_detached v9
	lab ip link del v9
	nothing_is_left web
}

@test "two links and an id are asked for by name and index, and nothing is dumped" {
	pod web 2
	config web | ringfence ADD web "${STRACE[@]}" -e trace=sendmsg -o "$BATS_TEST_TMPDIR/trace" >/dev/null
	# strace does not know the protocol of a socket of another namespace: there RTM_GETLINK is 0x12.
	expect "questions" "0x12 NLM_F_REQUEST|NLM_F_ACK
RTM_GETLINK NLM_F_REQUEST|NLM_F_ACK
RTM_GETNSID NLM_F_REQUEST|NLM_F_ACK" "$(sed -nE 's/.*nlmsg_type=(0x12|RTM_GET[A-Z]*).*nlmsg_flags=([^,]*),.*/\1 \2/p' "$BATS_TEST_TMPDIR/trace")"
	succeeds DEL web
	nothing_is_left web
}

# Results

@test "orders and parts of the interface list do not matter" {
	pod web 2
	pod other 3
	while read -r filter; do
		succeeds ADD web "$filter"
		attached_to_only v2
		expect "addresses with $filter" '["10.88.0.2","fd00:88::2"]' "$(record web | jq -c .ips)"
		succeeds CHECK web "$filter"
		succeeds DEL web
		within 2 is_detached v2
	done <<-'END'
		.
		.prevResult.interfaces[1].name = "v3"
		.prevResult.interfaces[1].name = "nosuch"
		.prevResult.interfaces |= [.[1], .[2]] | .prevResult.ips[].interface = 1
		.prevResult.interfaces |= [.[2], .[1], .[0]] | .prevResult.ips[].interface = 0
		.prevResult.interfaces |= [.[2]] | .prevResult.ips[].interface = 0
		.prevResult.interfaces |= [.[1]] | del(.prevResult.ips[].interface)
		.prevResult.interfaces = null | del(.prevResult.ips[].interface)
		.prevResult.interfaces += [{name: "dummy", mac: "0", sandbox: "0"}]
		.prevResult.interfaces += [{name: "lo", sandbox: "/run/netns/web"}] | .prevResult.ips += [{address: "127.0.0.1/8", interface: 3}, {address: "::1/128", interface: 3}]
		.prevResult.ips += [{address: "10.88.0.1/24", interface: 0}]
	END
	nothing_is_left web other
}

@test "of a pod with several interfaces the one of the call is meant, with its own addresses" {
	local both

	pod web 2
	interface web net1 3
	# One result that has both, as a chain of several plugins reports
	both=$(jq -c --slurpfile other "$LAB_DIRECTORY/web-net1.result" '
		.interfaces += ($other[0].interfaces[1:]) | .ips += [$other[0].ips[] | .interface = 4]' "$LAB_DIRECTORY/web-eth0.result")
	succeeds ADD web ".prevResult = $both" CNI_IFNAME=net1
	attached_to_only v3
	expect "addresses of net1" '["10.88.0.3","fd00:88::3"]' "$(IFNAME=net1 record web | jq -c .ips)"
	succeeds ADD web ".prevResult = $both"
	expect "addresses of eth0" '["10.88.0.2","fd00:88::2"]' "$(record web | jq -c .ips)"
	expect "entries" 4 "$(map_size pods)"
	for name in eth0 net1; do
		succeeds CHECK web ".prevResult = $both" CNI_IFNAME=$name
	done
	succeeds DEL web . CNI_IFNAME=net1
	attached_to_only v2
	succeeds CHECK web ".prevResult = $both"
	succeeds DEL web
	nothing_is_left web
}

@test "several addresses of a family have an entry each, and each is protected; one that is there twice has one" {
	local address before

	pod web 2
	pod friend 3
	before=$(snapshot)
	lab ip -n web -batch - <<-'END'
		address add 10.88.0.12/24 dev eth0
		address add 169.254.7.7/16 dev eth0
		address add fd00:88::12/64 dev eth0 nodad
	END
	lab ip -n friend address add 169.254.7.8/16 dev eth0
	# shellcheck disable=SC2016
	more='.prevResult.ips += [{interface: 2, address: ("10.88.0.12/24", "169.254.7.7/16", "fd00:88::12/64", "10.88.0.2/32")}]'
	succeeds ADD web "$more | $(policy "$(allow 1 tcp 80)")"
	expect "addresses" '["10.88.0.2","fd00:88::2","10.88.0.12","169.254.7.7","fd00:88::12"]' "$(record web | jq -c .ips)"
	expect "entries" 5 "$(map_size pods)"
	serve web tcp 80
	serve web tcp 81
	for address in $(record web | jq -r '.ips[]'); do
		echo reaches friend tcp "$address" 80
		echo reaches_not friend tcp "$address" 81
	done >"$BATS_TEST_TMPDIR/attempts"
	together <"$BATS_TEST_TMPDIR/attempts"
	succeeds DEL web
	unchanged "$before"
}

@test "an address that no pod can be reached at is 6, also with antiSpoof false" {
	local address

	pod web 2
	for address in 0.0.0.0/8 255.255.255.255/32 127.0.0.1/8 224.0.0.5/24 ::/64 ::1/128 ff02::1/64; do
		refuses 6 web ".prevResult.ips += [{interface: 2, address: \"$address\"}]" "prevResult: ${address%/*}, an address of eth0, is"
		refuses 6 web ".antiSpoof = false | .prevResult.ips[0] = {address: \"$address\"}" "${address%/*}, an address of eth0, is"
	done
	nothing_is_left web
}

# The standard plugins

# chain_is_refused TYPE KEYS: behind that plugin a pod's interface has no host side; ADD fails and DEL of the chain leaves nothing.
chain_is_refused() {
	local before

	[ -x "$CNI_PLUGINS/$1" ] || fail "no $CNI_PLUGINS/$1"
	jq -n --arg type "$1" --argjson keys "$2" '{
		cniVersion: "1.0.0", name: "chain", plugins: [{type: $type} + $keys, {type: "ringfence"}]
	}' >"$LAB_DIRECTORY/conflist"
	lab_pod web
	before=$(snapshot)
	! chain ADD web "$LAB_DIRECTORY/conflist" >"$BATS_TEST_TMPDIR/error" || fail "ADD succeeds"
	expect "error of $1" 100 "$(jq .code "$BATS_TEST_TMPDIR/error")"
	grep -qF "not behind macvlan, ipvlan or host-device" "$BATS_TEST_TMPDIR/error"
	chain DEL web "$LAB_DIRECTORY/conflist"
	unchanged "$before"
}

@test "behind the macvlan plugin ADD is 100, and DEL of the chain leaves nothing" {
	lab ip link add parent type veth peer name parent-peer
	lab ip link set parent up
	chain_is_refused macvlan '{"master": "parent", "ipam": {"type": "static", "addresses": [{"address": "10.88.7.2/24"}]}}'
	expect "links of the pod" lo "$(lab ip -n web -br link | awk '{ print $1 }')"
	lab ip link del parent
	nothing_is_left web
}

@test "behind the host-device plugin ADD is 100, and DEL of the chain gives the device back" {
	lab ip tuntap add dev given mode tap
	chain_is_refused host-device '{"device": "given", "ipam": {"type": "static", "addresses": [{"address": "10.88.7.2/24"}]}}'
	lab test -e /sys/class/net/given
	lab ip link del given
	nothing_is_left web
}
