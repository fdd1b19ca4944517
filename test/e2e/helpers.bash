# SPDX-License-Identifier: Apache-2.0
#
# What the tests of containerd are written with: a host with containerd, and pods on it, which CRI starts.
# CONTAINERD_SERIES is `distribution` (Debian 12: 1.6) or `current` (2.x, built by scripts/setup.sh).
# shellcheck shell=bash

# shellcheck source=test/e2e/host.bash
. "$(dirname "${BASH_SOURCE[0]}")/host.bash"
CNI_VERSION=1.0.0 # Debian 12's plugins know no later one
if [ "${CONTAINERD_SERIES:-distribution}" = current ]; then
	CNI_VERSION=1.1.0
	CNI_PLUGINS=$CACHE/cni-plugins
fi
PYTHON=/usr/bin/python3 # the distribution's: it has grpcio and protobuf

SOCKET=/run/containerd/containerd.sock
PAYLOAD_BYTES=100M
# Ends of addresses: host-local gives them in this order, the gateway has 1.
ALLOWED=2
# shellcheck disable=SC2034 # those who source this use them
DENIED=3 SERVER=4

# The host

# Prints what this machine lacks, if anything: a reason to skip.
lacking() {
	local reason

	reason=$(lacks_of ctr protoc)
	if [ -n "$reason" ]; then
		echo "$reason"
	elif ! "$PYTHON" -c 'import grpc, google.protobuf' 2>/dev/null; then
		echo "$PYTHON has no grpc and protobuf (python3-grpcio, python3-protobuf)"
	elif [ -z "$(containerd_programs)" ]; then
		case ${CONTAINERD_SERIES:-distribution} in
		distribution) echo "containerd is not installed" ;;
		current) echo "no containerd 2 in $CACHE: scripts/setup.sh e2e builds it where Go is 1.24 or newer" ;;
		esac
	fi
}

# The directory of containerd and its shim, if they are there.
containerd_programs() {
	case ${CONTAINERD_SERIES:-distribution} in
	distribution) dirname "$(command -v containerd)" ;;
	current) ! [ -x "$CACHE/containerd/containerd" ] || echo "$CACHE/containerd" ;;
	esac
}

# A conflist in its own directory, and with it the name of a runtime handler.
# conflist NAME SUBNET-NUMBER NETCONF [FILTER]
conflist() {
	local name=$1 number=$2 netconf=$3 filter=${4:-.}

	mkdir -p "$DIR/net.d/$name"
	jq -n --arg name "$name" --arg bridge "rf-e2e$number" --arg v4 "10.86.$number.0/24" --arg v6 "fd00:86:$number::/64" \
		--arg version "$CNI_VERSION" --argjson ringfence "$netconf" '{
		cniVersion: $version, name: $name,
		plugins: [
			{
				type: "bridge", bridge: $bridge, isGateway: true,
				ipam: {type: "host-local", ranges: [[{subnet: $v4}], [{subnet: $v6}]]}
			},
			$ringfence
		]
	} | '"$filter" >"$DIR/net.d/$name/10-$name.conflist"
}

# netconf ATTACH SUBNET-NUMBER: what the allowed pod may reach, and nobody else
netconf() {
	jq -n --arg attach "$1" --arg v4 "10.86.$2.$ALLOWED" --arg v6 "fd00:86:$2::$ALLOWED" '{
		type: "ringfence", attach: $attach,
		policy: {name: "e2e", ingress: {default: "deny", rules: [
			{id: 1001, action: "allow", peers: [$v4, $v6], protocol: "tcp", ports: ["8080", "9000"]},
			{id: 1002, action: "allow", peers: [$v4, $v6], protocol: "udp", ports: ["9000"]}
		]}}
	}'
}

# containerd_config HANDLER...: the first one is the default.
containerd_config() {
	case ${CONTAINERD_SERIES:-distribution} in
	distribution) config_version_2 "$@" ;;
	current) config_version_3 "$@" ;;
	esac
}

config_version_2() {
	cat <<-TOML
		version = 2
		[plugins."io.containerd.internal.v1.opt"]
		  path = "/var/lib/containerd/opt"
		[plugins."io.containerd.grpc.v1.cri"]
		  sandbox_image = "$IMAGE"
		  disable_apparmor = true
		  restrict_oom_score_adj = true
		[plugins."io.containerd.grpc.v1.cri".cni]
		  bin_dir = "$DIR/bin"
		  conf_dir = "$DIR/net.d/$1"
		[plugins."io.containerd.grpc.v1.cri".containerd]
		  snapshotter = "native"
		  default_runtime_name = "$1"
	TOML
	runtime_handlers '"io.containerd.grpc.v1.cri"' "$@"
}

config_version_3() {
	cat <<-TOML
		version = 3
		[plugins."io.containerd.internal.v1.opt"]
		  path = "/var/lib/containerd/opt"
		[plugins."io.containerd.cri.v1.images"]
		  snapshotter = "native"
		[plugins."io.containerd.cri.v1.images".pinned_images]
		  sandbox = "$IMAGE"
		[plugins."io.containerd.cri.v1.runtime"]
		  disable_apparmor = true
		  restrict_oom_score_adj = true
		[plugins."io.containerd.cri.v1.runtime".cni]
		  bin_dirs = ["$DIR/bin"]
		  conf_dir = "$DIR/net.d/$1"
		[plugins."io.containerd.cri.v1.runtime".containerd]
		  default_runtime_name = "$1"
	TOML
	runtime_handlers '"io.containerd.cri.v1.runtime"' "$@"
}

# runtime_handlers PLUGIN HANDLER...
runtime_handlers() {
	local plugin=$1 name

	for name in "${@:2}"; do
		cat <<-TOML
			[plugins.$plugin.containerd.runtimes.$name]
			  runtime_type = "io.containerd.runc.v2"
			  cni_conf_dir = "$DIR/net.d/$name"
		TOML
	done
}

# The networks tcx and clsact, and a refused one of each.
prepare_host() {
	local number=0 attach

	prepare_containerd
	head -c "$PAYLOAD_BYTES" /dev/urandom >"$DIR/payload"
	sha256sum <"$DIR/payload" | cut -d' ' -f1 >"$DIR/payload.sha256"
	for attach in tcx clsact; do
		conflist "$attach" "$((++number))" "$(netconf "$attach" "$number")"
		conflist "$attach-refused" "$((number + 100))" \
			"$(netconf "$attach" 0 | jq '.policy.ingress.rules[0].peers = ["10.86.0.2/8"]')"
	done
	containerd_config tcx clsact tcx-refused clsact-refused >"$DIR/containerd.toml"
}

# All but conflists, containerd.toml and the payload, which the pods see.
prepare_containerd() {
	local programs

	programs=$(containerd_programs)
	prepare_directory bridge host-local loopback
	mkdir "$DIR/lib" "$DIR/containerd"
	cp -L "$programs"/{containerd,containerd-shim-runc-v2} "$DIR/containerd/"
	cp "$HERE/cri.py" "$DIR/"
	protoc --proto_path="$HERE" --python_out="$DIR/lib" cri.proto
	touch "$DIR/payload"
}

start_host() {
	enter_host
	start_containerd
	on_host ctr --address "$SOCKET" --namespace k8s.io \
		images import --snapshotter native "$DIR/image.tar" >"$DIR/import.log"
	cri wait --image "$IMAGE" || fail "$(complaints)"
}

# It can be killed and started again; pods go on meanwhile.
start_containerd() {
	# shellcheck disable=SC2016 # for the shell on the host
	on_host setsid --fork sh -c '
		echo $$ >"$1/containerd.pid"
		PATH=$1/containerd:$PATH exec containerd --config "$1/containerd.toml"
	' sh "$DIR" >>"$DIR/containerd.log" 2>&1 </dev/null
	within 20 answers || fail "containerd does not answer" "$(complaints)"
}

# What its socket was before it was killed still lies there: a connection tells.
answers() {
	on_host ctr --address "$SOCKET" --connect-timeout 2s version >/dev/null 2>&1
}

kill_containerd() {
	local pid

	pid=$(<"$DIR/containerd.pid")
	on_host kill -KILL "$pid"
	within 20 has_ended_on_host "$pid"
}

has_ended_on_host() {
	! on_host kill -0 "$1" 2>/dev/null
}

# What the host itself has to say about a failure.
complaints() {
	cat "$DIR/host.log"
	grep -E 'level=(error|fatal|panic)' "$DIR/containerd.log" | tail -n 20 || true
}

cri() {
	on_host env PYTHONPATH="$DIR/lib" "$PYTHON" -B "$DIR/cri.py" --socket "$SOCKET" "$@"
}

# Pods

# start_pods HANDLER POD...; SANDBOX_SECONDS= is the patience with each sandbox.
start_pods() {
	cri up --image "$IMAGE" --handler "$1" --cgroup-parent "/$(basename "$DIR")" --logs "$DIR/logs" \
		--seconds "${SANDBOX_SECONDS:-120}" \
		--mount "$DIR/payload:/payload" --command /bin/pod "${@:2}"
}

# serves POD: its pages, which begins a moment after its start
serves() {
	[ "$(in_pod "$1" transfer tcp-connect 127.0.0.1 8081 10000)" = connected ]
}

stop_pods() {
	cri down "$@"
	on_host rm -rf /var/lib/cni/networks # the next pods get the first addresses again
}

in_pod() {
	cri exec "$1" -- "${@:2}"
}
