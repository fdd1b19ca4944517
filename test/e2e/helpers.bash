# SPDX-License-Identifier: Apache-2.0
#
# What the tests of containerd.bats are written with: a host with containerd, pods on it, and questions to both.
# shellcheck shell=bash

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(cd "$HERE/../.." && pwd)
RINGFENCE=${RINGFENCE:-$ROOT/build/static/ringfence}
RINGFENCECTL=${RINGFENCECTL:-$ROOT/build/static/ringfencectl}
CNI_PLUGINS=${CNI_PLUGINS:-/usr/lib/cni}
PYTHON=/usr/bin/python3 # the distribution's: it has grpcio and protobuf

IMAGE=docker.io/local/ringfence-e2e:1
SOCKET=/run/containerd/containerd.sock
PINS=/sys/fs/bpf/ringfence/v1
PAYLOAD_BYTES=100M
# Ends of addresses: host-local gives them in this order, the gateway has 1.
ALLOWED=2
# shellcheck disable=SC2034 # containerd.bats uses them
DENIED=3 SERVER=4

# The host

# Prints what this machine lacks, if anything: a reason to skip.
lacking() {
	local tool

	for tool in containerd ctr runc busybox protoc jq bpftool tc ip nsenter unshare gcc; do
		if ! command -v "$tool" >/dev/null; then
			echo "$tool is not installed"
			return
		fi
	done
	if [ "$(id -u)" != 0 ]; then
		echo "needs root"
	elif ldd "$(command -v busybox)" >/dev/null 2>&1; then
		echo "busybox is not static (busybox-static)"
	elif ! "$PYTHON" -c 'import grpc, google.protobuf' 2>/dev/null; then
		echo "$PYTHON has no grpc and protobuf (python3-grpcio, python3-protobuf)"
	elif [ ! -x "$CNI_PLUGINS/bridge" ]; then
		echo "no bridge plugin in $CNI_PLUGINS (containernetworking-plugins)"
	fi
}

# A conflist in its own directory, and with it the name of a runtime handler.
# conflist NAME SUBNET-NUMBER NETCONF
conflist() {
	local name=$1 number=$2 netconf=$3

	mkdir -p "$DIR/net.d/$name"
	jq -n --arg name "$name" --arg bridge "rf-e2e$number" --arg v4 "10.86.$number.0/24" --arg v6 "fd00:86:$number::/64" \
		--argjson ringfence "$netconf" '{
		cniVersion: "1.0.0", name: $name,
		plugins: [
			{
				type: "bridge", bridge: $bridge, isGateway: true,
				ipam: {type: "host-local", ranges: [[{subnet: $v4}], [{subnet: $v6}]]}
			},
			$ringfence
		]
	}' >"$DIR/net.d/$name/10-$name.conflist"
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

runtime_handlers() {
	local name

	for name in "$@"; do
		cat <<-TOML
			[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.$name]
			  runtime_type = "io.containerd.runc.v2"
			  cni_conf_dir = "$DIR/net.d/$name"
		TOML
	done
}

containerd_config() {
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
		  conf_dir = "$DIR/net.d/tcx"
		[plugins."io.containerd.grpc.v1.cri".containerd]
		  snapshotter = "native"
		  default_runtime_name = "tcx"
	TOML
	runtime_handlers "$@"
}

# Everything that the host needs comes into DIR, because it does not see the machine's /run and /var/lib.
# DIR belongs to the supervisor from the beginning: it goes with it, whatever happens here.
prepare_host() {
	local number=0 attach plugin

	[ -x "$RINGFENCE" ] || fail "no $RINGFENCE: make static"
	[ -x "$RINGFENCECTL" ] || fail "no $RINGFENCECTL: make static"
	DIR=$(mktemp -d /tmp/ringfence-e2e.XXXXXX)
	setsid "$BASH" "$HERE/host.sh" supervise "$DIR" "$$" >"$DIR/host.log" 2>&1 3>&- 4>&- &
	SUPERVISOR=$!
	export DIR SUPERVISOR
	mkdir "$DIR/bin" "$DIR/lib"
	for plugin in bridge host-local loopback; do
		cp -L "$CNI_PLUGINS/$plugin" "$DIR/bin/"
	done
	cp -L "$RINGFENCE" "$DIR/bin/ringfence"
	cp -L "$RINGFENCECTL" "$DIR/ringfencectl"
	cp "$HERE/cri.py" "$HERE/host.sh" "$DIR/"
	protoc --proto_path="$HERE" --python_out="$DIR/lib" cri.proto
	gcc -std=gnu17 -D_GNU_SOURCE -Wall -Wextra -O2 -static -o "$DIR/transfer" "$HERE/transfer.c"
	"$HERE/image.sh" "$DIR/image.tar" "$IMAGE" "$DIR/transfer"
	head -c "$PAYLOAD_BYTES" /dev/urandom >"$DIR/payload"
	sha256sum <"$DIR/payload" | cut -d' ' -f1 >"$DIR/payload.sha256"
	for attach in tcx clsact; do
		conflist "$attach" "$((++number))" "$(netconf "$attach" "$number")"
		conflist "$attach-refused" "$((number + 100))" \
			"$(netconf "$attach" 0 | jq '.policy.ingress.rules[0].peers = ["10.86.0.2/8"]')"
	done
	containerd_config tcx clsact tcx-refused clsact-refused >"$DIR/containerd.toml"
}

start_host() {
	local step

	touch "$DIR/prepared"
	for ((step = 0; step < 100; step++)); do
		if [ -f "$DIR/init.pid" ] && on_host test -S "$SOCKET"; then
			break
		fi
		sleep 0.1
	done
	on_host ctr --address "$SOCKET" --namespace k8s.io \
		images import --snapshotter native "$DIR/image.tar" >"$DIR/import.log"
	cri wait --image "$IMAGE" || fail "$(complaints)"
}

# What the host itself has to say about a failure.
complaints() {
	cat "$DIR/host.log"
	grep -E 'level=(error|fatal|panic)' "$DIR/containerd.log" | tail -n 20 || true
}

stop_host() {
	local step

	kill -TERM "$SUPERVISOR" 2>/dev/null || true
	for ((step = 0; step < 300; step++)); do
		if ! kill -0 "$SUPERVISOR" 2>/dev/null; then
			return 0
		fi
		sleep 0.1
	done
	fail "the host did not end: process $SUPERVISOR"
}

on_host() {
	timeout -k 5 120 \
		nsenter --target "$(<"$DIR/init.pid")" --mount --net --pid -- "$@" 3>&- 4>&-
}

cri() {
	on_host env PYTHONPATH="$DIR/lib" "$PYTHON" -B "$DIR/cri.py" --socket "$SOCKET" "$@"
}

# Pods

start_pods() {
	cri up --image "$IMAGE" --handler "$1" --cgroup-parent "/$(basename "$DIR")" --logs "$DIR/logs" \
		--mount "$DIR/payload:/payload" --command /bin/pod "${@:2}"
}

stop_pods() {
	cri down "$@"
	on_host rm -rf /var/lib/cni/networks # the next pods get the first addresses again
}

in_pod() {
	cri exec "$1" -- "${@:2}"
}

# ringfence

ctl() {
	on_host "$DIR/ringfencectl" "$@"
}

# packets POD DIRECTION REASON
packets() {
	ctl stats "$1" | awk -v direction="$2" -v reason="$3" \
		'$2 == direction && $4 == reason { print $5; found = 1 } END { if (!found) print 0 }'
}

# Denials go to the file until stop_monitor, without those that happened before.
start_monitor() {
	on_host timeout 0.5 "$DIR/ringfencectl" monitor >/dev/null || true
	# shellcheck disable=SC2016 # for the shell on the host
	on_host sh -c 'echo $$ >"$1/monitor.pid"; exec "$1/ringfencectl" monitor' sh "$DIR" >"$1" &
	MONITOR=$!
}

stop_monitor() {
	on_host kill -TERM "$(<"$DIR/monitor.pid")"
	wait "$MONITOR"
}

# Answers

fail() {
	printf '%s\n' "$@" >&2
	return 1
}

# expect WHAT EXPECTED ACTUAL
expect() {
	[ "$2" = "$3" ] || fail "$1:" "expected: $2" "     got: $3"
}

entries() {
	on_host bpftool -j map dump pinned "$PINS/maps/$1" | jq length
}

pod_states() {
	on_host bpftool -j map dump pinned "$PINS/maps/pod_state" |
		jq '[.[] | select(any(.value[]; . != "0x00"))] | length'
}

veths() {
	on_host ip -o link show type veth
}

files_below() {
	local path

	for path in "$@"; do
		if on_host test -e "$path"; then
			on_host find "$path" ! -type d
		fi
	done
}

traffic_control() {
	local link

	on_host tc qdisc show | grep -E 'clsact|ingress' || true
	for link in $(on_host ls /proc/sys/net/ipv4/conf); do
		case $link in all | default) continue ;; esac
		on_host tc filter show dev "$link" ingress
		on_host tc filter show dev "$link" egress
	done
}
