# SPDX-License-Identifier: Apache-2.0
#
# What podman.bats is written with: a host with podman, its networks, containers, and a peer outside of the host.
# shellcheck shell=bash disable=SC2119,SC2154 # what bats' run sets; functions whose arguments may be left out

# shellcheck source=test/e2e/host.bash
. "$(dirname "${BASH_SOURCE[0]}")/host.bash"

# Prints what this machine lacks, if anything: a reason to skip.
lacking() {
	local reason version

	reason=$(lacks_of podman conmon iptables ip6tables ncat)
	if [ -n "$reason" ]; then
		echo "$reason"
		return
	fi
	version=$("$(type -P podman)" --version)
	if at_least 5.0 "${version##* }"; then
		echo "$version has no CNI backend: podman 5 has netavark only"
	fi
}

# network NAME NUMBER RULES [FILTER]: a conflist of bridge and ringfence, with 10.87.NUMBER.0/24 and fd00:87:NUMBER::/64
network() {
	jq -n --arg name "$1" --arg bridge "rf-podman$2" --arg v4 "10.87.$2.0/24" --arg v6 "fd00:87:$2::/64" \
		--argjson rules "$3" '{
		cniVersion: "1.0.0", name: $name,
		plugins: [
			{
				type: "bridge", bridge: $bridge, isGateway: true,
				ipam: {
					type: "host-local", ranges: [[{subnet: $v4}], [{subnet: $v6}]],
					routes: [{dst: "0.0.0.0/0"}, {dst: "::/0"}]
				}
			},
			{type: "ringfence", policy: {ingress: {default: "deny", rules: $rules}}}
		]
	} | '"${4:-.}" >"$DIR/net.d/$1.conflist"
}

# allow PORT PEER...: a list of one rule
allow() {
	jq -cn --arg port "$1" '[{id: 1, action: "allow", protocol: "tcp", ports: [$port], peers: $ARGS.positional}]' \
		--args "${@:2}"
}

containers_conf() {
	cat <<-TOML
		[containers]
		default_ulimits = ["nofile=1024:1024", "nproc=1000:1000"]
		[network]
		network_backend = "cni"
		cni_plugin_dirs = ["$DIR/bin"]
		network_config_dir = "$DIR/net.d"
		default_network = "first"
		[engine]
		cgroup_manager = "cgroupfs"
		events_logger = "file"
		runtime = "runc"
	TOML
}

# In both networks the container that is started first, and in those with ports the peer outside, may reach one port.
prepare_host() {
	local ports='{type: "portmap", capabilities: {portMappings: true}}'

	prepare_directory bridge host-local loopback portmap
	mkdir "$DIR/net.d"
	network first 1 "$(allow 8080 10.87.1.2 fd00:87:1::2)"
	network second 2 "$(allow 8081 10.87.2.2 fd00:87:2::2)"
	network ports-before 3 "$(allow 8080 10.87.100.2 fd00:87:100::2)" ".plugins = [.plugins[0], $ports, .plugins[1]]"
	network ports-after 4 "$(allow 8080 10.87.100.2 fd00:87:100::2)" ".plugins += [$ports]"
	network refused 5 "$(allow 8080 10.87.0.2/8)"
	containers_conf >"$DIR/containers.conf"
}

start_host() {
	enter_host
	podman load -q -i "$DIR/image.tar"
	start warmer --network first # from now on there are programs and maps
	podman rm --force warmer
	nothing_is_left
	forget_addresses
}

# The next containers get the first addresses again. Of a machine that boots, systemd-tmpfiles does it.
forget_addresses() {
	on_host rm -rf /var/lib/cni/networks
}

# A peer outside of the host, with two addresses of each family: 10.87.100.2 is in the policies, 10.87.100.3 is not.
outside() {
	on_host ip netns add outside
	on_host ip -batch - <<-END
		link add outside type veth peer name eth0 netns outside
		address add 10.87.100.1/24 dev outside
		address add fd00:87:100::1/64 dev outside nodad
		link set outside up
	END
	on_host ip -n outside -batch - <<-END
		link set eth0 up
		address add 10.87.100.2/24 dev eth0
		address add 10.87.100.3/24 dev eth0
		address add fd00:87:100::2/64 dev eth0 nodad
		address add fd00:87:100::3/64 dev eth0 nodad
	END
}

no_outside() {
	if on_host test -e /run/netns/outside; then
		on_host ip -n outside link delete eth0
		on_host ip netns delete outside
	fi
}

# from_outside SOURCE ADDRESS PORT [SECONDS]: the page that is there, or nothing
from_outside() {
	on_host ip netns exec outside ncat --wait "${4:-2}" --source "$1" "$2" "$3" <<<$'GET /page HTTP/1.0\r\n\r' 2>/dev/null | tail -n 1
}

podman() {
	on_host env CONTAINERS_CONF="$DIR/containers.conf" podman --storage-driver vfs "$@" </dev/null
}

# start NAME [OPTION...]: a container that serves pages on 8080 and 8081
start() {
	podman run --detach --name "$1" --cgroup-parent "/$(basename "$DIR")" "${@:2}" "$IMAGE" /bin/pod
}

serves() { # NAME: on both ports
	[ "$(connect "$1" 127.0.0.1 8081 10000)" = connected ]
}

# addresses NAME [NETWORK]: IPv4, then IPv6
addresses() {
	podman inspect "$1" | jq -r --arg network "${2:-first}" \
		'.[0].NetworkSettings.Networks[$network] | .IPAddress, .GlobalIPv6Address'
}

connect() { # NAME ADDRESS PORT MILLISECONDS
	podman exec "$1" transfer tcp-connect "$2" "$3" "$4"
}

reaches() { # NAME ADDRESS PORT; what serves there may just have been started
	within 4 connects "$@" || expect "$1 to $2 $3" connected "$output"
}

connects() {
	run connect "$@" 10000
	[ "$output" = connected ]
}

reaches_not() { # NAME ADDRESS PORT
	run connect "$@" 1000
	expect "$1 to $2 $3" "timed out" "${lines[0]:-}"
}

# is_protected NAME [NETWORK [PORT]]: from the containers `allowed` and `denied`, which were started in this order
is_protected() {
	local address found=0

	for address in $(addresses "$1" "${2:-first}"); do
		reaches allowed "$address" "${3:-8080}"
		reaches_not denied "$address" "${3:-8080}"
		found=$((found + 1))
	done
	expect "addresses of $1" 2 "$found"
}
