#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Containers of podman with its CNI backend, in networks whose conflists are bridge and ringfence. The policy of `first` lets
# the address that is given first reach TCP 8080, that of `second` TCP 8081, and nobody else anything.

load podman.bash

setup_file() {
	LACKING=$(lacking)
	export LACKING
	[ -z "$LACKING" ] || return 0
	prepare_host
	start_host
}

teardown_file() {
	if [ -n "${SUPERVISOR:-}" ]; then
		stop_host
	fi
}

setup() {
	[ -z "$LACKING" ] || skip "$LACKING"
}

teardown() {
	[ -z "$LACKING" ] || return 0
	podman pod rm --all --force --time 1
	podman rm --all --force --time 1
	no_outside
	forget_addresses
}

three_containers() {
	start allowed
	start denied
	start server
}

@test "a container is protected, over IPv4 and IPv6" {
	three_containers
	is_protected server
	for address in $(addresses server); do
		reaches_not allowed "$address" 8081
	done
	for address in $(addresses allowed); do
		reaches_not server "$address" 8080
	done
	[[ $(ctl pod list) == *"-/server "* ]]
}

@test "a container that is stopped leaves nothing, and is protected again when it is started" {
	three_containers
	podman stop server
	expect "records" 2 "$(records)"
	expect "veths" 2 "$(veths | wc -l)"
	podman start server
	is_protected server
	podman stop allowed denied server
	nothing_is_left
}

@test "a container that is restarted is protected" {
	three_containers
	podman restart server
	expect "records" 3 "$(records)"
	is_protected server
}

@test "a container that is killed leaves nothing, though nobody removes it" {
	start server
	podman kill server
	within 20 has_records 0
	within 20 has_stopped server
	nothing_is_left
}

@test "a container that ends by itself leaves nothing" {
	podman run --rm --cgroup-parent "/$(basename "$DIR")" "$IMAGE" sh -c "exit 0"
	nothing_is_left
}

@test "a running container that is removed by force leaves nothing" {
	start server
	podman rm --force --time 0 server
	nothing_is_left
}

@test "a container whose conmon was killed is protected until it is removed by force" {
	three_containers
	on_host kill -KILL "$(podman inspect server | jq '.[0].State.ConmonPid')"
	is_protected server
	podman rm --force --time 0 allowed denied server
	nothing_is_left
}

@test "the containers of a pod share its protection" {
	start allowed
	start denied
	podman pod create --name both --cgroup-parent "/$(basename "$DIR")" --infra-name server --infra-image "$IMAGE" \
		--infra-command "/bin/transfer pause"
	start inside --pod both
	expect "records" 3 "$(records)"
	is_protected server
	podman restart inside
	is_protected server
	podman pod stop both
	expect "records" 2 "$(records)"
	podman pod start both
	is_protected server
	podman pod rm --force both
	podman rm --force allowed denied
	nothing_is_left
}

@test "a container in two networks is protected at each interface by that network's policy" {
	for name in allowed denied server; do
		start "$name" --network first,second
	done
	expect "records" 6 "$(records)"
	is_protected server first 8080
	is_protected server second 8081
	for address in $(addresses server first); do
		reaches_not allowed "$address" 8081
	done
	for address in $(addresses server second); do
		reaches_not allowed "$address" 8080
	done
	podman rm --force allowed denied server
	nothing_is_left
}

@test "a running container is connected to a second network, and disconnected from the first" {
	start allowed --network first,second
	start denied --network first,second
	start server
	podman network connect second server
	expect "records" 6 "$(records)"
	is_protected server first 8080
	is_protected server second 8081
	podman network disconnect first server
	expect "records" 5 "$(records)"
	is_protected server second 8081
	podman rm --force allowed denied server
	nothing_is_left
}

# published NETWORK: ports of the host lead to the container, and the policy judges the peer who came to them.
published() {
	local prefix

	start server --network "$1" --publish 18080:8080 --publish 18081:8081
	outside
	within 10 serves server
	for prefix in 10.87.100. fd00:87:100::; do
		expect "${prefix}2 to 18080" "a page of the server" "$(from_outside "${prefix}2" "${prefix}1" 18080 30)"
		expect "${prefix}2 to 18081" "" "$(from_outside "${prefix}2" "${prefix}1" 18081)"
		expect "${prefix}3 to 18080" "" "$(from_outside "${prefix}3" "${prefix}1" 18080)"
	done
	[ "$(packets -/server ingress default-deny)" -ge 4 ] || fail "denied for another reason" "$(ctl stats -/server)"
	podman rm --force server
	no_outside
	nothing_is_left
}

@test "published ports: portmap before ringfence" { published ports-before; }
@test "published ports: portmap after ringfence" { published ports-after; }

@test "a container whose policy is refused does not start" {
	run start server --network refused
	[ "$status" -ne 0 ] || fail "the container was started"
	[[ $output == *'policy.ingress.rules[0].peers[0]'* ]] || fail "the place is not named: $output"
	podman rm --force server
	nothing_is_left
}

@test "the machine reboots: containers of before are protected when they are started again" {
	three_containers
	reboot_host
	forget_addresses
	podman start allowed denied server
	is_protected server
	podman rm --force allowed denied server
	nothing_is_left
}

has_records() {
	[ "$(records)" = "$1" ]
}

has_stopped() {
	[ "$(podman inspect "$1" | jq -r '.[0].State.Status')" = exited ]
}
