# SPDX-License-Identifier: Apache-2.0
#
# What the tests of this directory are written with: a Kubernetes node (node.sh), pods on it, connections between them.
# The host that it is on, containerd's configuration, and the questions to host and ringfence are those of test/e2e.
#
# The networks, each a runtime handler of containerd and, but for the default, a RuntimeClass of its name:
#
#   auto     10.86.1.0/24  pods of `auto` and `egress` may reach TCP 8080 of its pods, nobody else anything. The default.
#   clsact   10.86.2.0/24  the same, attached by clsact
#   strict   10.86.3.0/24  the same, but that hostAccess is "policy"
#   egress   10.86.4.0/24  the same, and its pods may open TCP 80 to one Service and nothing else
#   refused  10.86.5.0/24  the policy is invalid
#   full     10.86.6.2     has this one address only
# shellcheck shell=bash disable=SC2016 # what stands in single quotes is for jq, or for the shell on the node

bats_require_minimum_version 1.5.0

TESTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=test/e2e/helpers.bash
. "$TESTS/../e2e/helpers.bash"

export KUBERNETES=${KUBERNETES:-$CACHE/kubernetes} ETCD=${ETCD:-$CACHE/bin/etcd}
NODE_ADDRESS=10.87.0.1
SERVICE_ADDRESS=10.96.0.80 # the one that pods of the network `egress` may reach
PATIENCE=90                # seconds, for what happens by itself
# The programs in the order in which they start
CONTROL_PLANE=(etcd kube-apiserver kube-controller-manager kube-scheduler)
NODE_PROGRAMS=(containerd kubelet kube-proxy)
NETWORKS=(auto clsact strict egress refused full)

# The node

# What this machine lacks. Set-up should have installed it, so it is a failure and no reason to skip.
lacking_for_node() {
	lacks_of containerd ctr nft openssl "$ETCD" "$KUBERNETES/kubelet" "$CNI_PLUGINS/ptp"
}

# ringfence_entry NETWORK: its entry of the conflist
ringfence_entry() {
	jq -n --arg network "$1" --arg service "$SERVICE_ADDRESS" '
		{type: "ringfence", policy: {name: $network, ingress: {default: "deny", rules: [
			{id: 1001, action: "allow", peers: ["10.86.1.0/24", "10.86.4.0/24"], protocol: "tcp", ports: ["8080"]}]}}} |
		if $network == "clsact" then .attach = "clsact" else . end |
		if $network == "strict" then .hostAccess = "policy" else . end |
		if $network == "refused" then .policy.ingress.rules[0].peers = ["10.86.1.1/24"] else . end |
		if $network == "egress" then .policy.egress = {default: "deny", rules: [
			{id: 2001, action: "allow", peers: [$service], protocol: "tcp", ports: ["80"]}]} else . end'
}

# network NAME NUMBER: its conflist. Every packet of a pod is routed by the node, so that kube-proxy sees it.
network() {
	mkdir -p "$DIR/net.d/$1"
	jq -n --arg name "$1" --arg subnet "10.86.$2.0/24" --arg version "$CNI_VERSION" \
		--argjson ringfence "$(ringfence_entry "$1")" '{
		cniVersion: $version, name: $name,
		plugins: [{type: "ptp", ipam: {type: "host-local", ranges: [[{subnet: $subnet}]],
			routes: [{dst: "0.0.0.0/0"}]}}, $ringfence]} |
		if $name == "full" then .plugins[0].ipam.ranges[0][0] += {rangeStart: "10.86.6.2", rangeEnd: "10.86.6.2"}
		else . end' >"$DIR/net.d/$1/10-$1.conflist"
}

credentials() {
	local token

	mkdir "$DIR/pki"
	token=$(openssl rand -hex 16)
	echo "$token,admin,admin,system:masters" >"$DIR/pki/tokens"
	openssl genrsa -out "$DIR/pki/accounts.key" 2048 2>/dev/null
	openssl rsa -in "$DIR/pki/accounts.key" -pubout -out "$DIR/pki/accounts.pub" 2>/dev/null
	jq -n --arg server "https://$NODE_ADDRESS:6443" --arg authority "$DIR/pki/apiserver.crt" --arg token "$token" '{
		apiVersion: "v1", kind: "Config", "current-context": "test",
		clusters: [{name: "test", cluster: {server: $server, "certificate-authority": $authority}}],
		users: [{name: "admin", user: {token: $token}}],
		contexts: [{name: "test", context: {cluster: "test", user: "admin"}}]}' >"$DIR/kubeconfig"
}

# Also for a machine with cgroup version 1, with swap, and with a disk that is nearly full.
kubelet_config() {
	jq -n '{
		apiVersion: "kubelet.config.k8s.io/v1beta1", kind: "KubeletConfiguration",
		containerRuntimeEndpoint: "unix:///run/containerd/containerd.sock",
		volumePluginDir: "/var/lib/kubelet/plugins", podLogsDir: "/var/log/pods",
		failCgroupV1: false, cgroupDriver: "cgroupfs", cgroupsPerQOS: false,
		enforceNodeAllocatable: [], oomScoreAdj: 0,
		failSwapOn: false, evictionHard: {}, imageGCHighThresholdPercent: 100, localStorageCapacityIsolation: false,
		resolvConf: "", clusterDNS: ["10.96.0.10"], makeIPTablesUtilChains: false,
		authentication: {anonymous: {enabled: true}, webhook: {enabled: false}},
		authorization: {mode: "AlwaysAllow"}}'
}

# Plugins are called by way of the recorder.
prepare_node() {
	local number=0 name missing

	missing=$(lacking_for_node)
	[ -z "$missing" ] || fail "$missing: scripts/setup.sh build test kubernetes"
	prepare_directory ptp host-local loopback
	mv "$DIR/bin/ringfence" "$DIR/"
	cp "$TESTS/recorder.sh" "$DIR/bin/ringfence"
	cp "$TESTS/node.sh" "$DIR/host.sh"
	: >"$DIR/calls"
	containerd_config "${NETWORKS[@]}" >"$DIR/containerd.toml"
	for name in "${NETWORKS[@]}"; do
		network "$name" $((++number))
	done
	credentials
	kubelet_config >"$DIR/kubelet.json"
}

start_node() {
	local program

	enter_host
	start_program containerd
	start_program etcd
	start_program kube-apiserver
	within "$PATIENCE" answers || fail "containerd does not answer"
	on_host ctr --address "$SOCKET" --namespace k8s.io \
		images import --snapshotter native "$DIR/image.tar" >"$DIR/import.log"
	within "$PATIENCE" answers_ready || fail "the API server is not ready"
	for program in kube-controller-manager kube-scheduler kubelet kube-proxy; do
		start_program "$program"
	done
	runtime_classes | kube apply -f - >/dev/null
	within "$PATIENCE" has_account default || fail "no service account"
	touch "$DIR/started"
}

stop_node() {
	if [ -n "${SUPERVISOR:-}" ]; then
		[ -e "$DIR/started" ] || node_complaints >&2
		stop_host
	fi
}

start_program() {
	echo "$1" >"$DIR/start"
}

# kill_program NAME: as by the kernel when memory runs out
kill_program() {
	local pid

	pid=$(<"$DIR/$1.pid")
	on_host kill -KILL "$pid"
	within "$PATIENCE" has_ended_on_host "$pid" || fail "$1 does not end"
}

answers_ready() {
	kube get --raw /readyz >/dev/null 2>&1
}

has_account() { # NAMESPACE
	kube -n "$1" get serviceaccount default >/dev/null 2>&1
}

runtime_classes() {
	local name

	for name in "${NETWORKS[@]}"; do
		jq -n --arg name "$name" \
			'{apiVersion: "node.k8s.io/v1", kind: "RuntimeClass", metadata: {name: $name}, handler: $name}'
	done
}

# What the node itself has to say about a failure
node_complaints() {
	local program

	[ -d "$DIR" ] || return 0 # the host has ended
	cat "$DIR/host.log"
	kube get pods --all-namespaces -o wide || true
	kube get events --all-namespaces | tail -n 20 || true
	for program in "${CONTROL_PLANE[@]}" "${NODE_PROGRAMS[@]}"; do
		echo "$program:"
		grep -E '^[EF][0-9]{4} |level=(error|fatal|panic)|"level":"(error|fatal)"' "$DIR/$program.log" | tail -n 8
	done
	echo "calls:"
	tail -n 40 "$DIR/calls"
}

# Pods

kube() {
	on_host env "KUBECONFIG=$DIR/kubeconfig" "HOME=$DIR" "$DIR/kubernetes/kubectl" "$@"
}

# run_pods NAME...: `kubectl run`. NAMESPACE, NETWORK and SPEC (a jq filter for the pod's specification) say more.
run_pods() {
	local name overrides

	for name in "$@"; do
		overrides=$(jq -nc --arg name "$name" --arg network "${NETWORK:-auto}" '{apiVersion: "v1",
			spec: ({terminationGracePeriodSeconds: 1} |
				if $network != "auto" then .runtimeClassName = $network else . end | '"${SPEC:-.}"')}')
		kube -n "${NAMESPACE:-default}" run "$name" --image "$IMAGE" --image-pull-policy Never \
			--override-type strategic --overrides "$overrides" --command -- /bin/pod
	done
}

# start_pods NAME...: and they are ready
start_pods() {
	run_pods "$@"
	ready "$@"
}

ready() {
	kube -n "${NAMESPACE:-default}" wait --for condition=Ready --timeout "${PATIENCE}s" "${@/#/pod/}"
}

delete_pods() {
	kube -n "${NAMESPACE:-default}" delete pod --timeout "${PATIENCE}s" "$@"
}

address() { # POD
	kube -n "${NAMESPACE:-default}" get pod "$1" -o 'jsonpath={.status.podIP}'
}

pod_value() { # POD JSONPATH
	kube -n "${NAMESPACE:-default}" get pod "$1" -o "jsonpath=$2"
}

# calls FILTER: the lines of the recorder that the awk condition chooses
calls() {
	awk -F '\t' "$1" "$DIR/calls"
}

# netns POD: of its latest sandbox
netns() {
	calls "\$1 == 0 && \$2 == \"ADD\" && \$6 == \"${NAMESPACE:-default}/$1\" { print \$5 }" | tail -n 1
}

# connect POD ADDRESS PORT: what becomes of it; works without kubelet and containerd, too
connect() {
	on_host nsenter --net="$(netns "$1")" "$DIR/transfer" tcp-connect "$2" "$3" "${4:-5000}" 2>&1 || true
}

# reaches POD ADDRESS PORT, reaches_not POD ADDRESS PORT
reaches() {
	expect "$1 to $2:$3" connected "$(connect "$@")"
}

reaches_not() {
	expect "$1 to $2:$3" "timed out" "$(connect "$@" 1000)"
}

# is_protected CLIENT POD: it has the policy of the networks
is_protected() {
	local address

	address=$(address "$2")
	reaches "$1" "$address" 8080
	reaches_not "$1" "$address" 8081
}

# What is left

# pods_with_record: namespaces and names of the pods of which ringfence has a record
pods_with_record() {
	on_host sh -c 'for record in /run/ringfence/attachments/*/*.json; do
		[ ! -e "$record" ] || cat "$record"
	done' | jq -r '"\(.podNamespace)/\(.podName)"' | sort
}

# When there are no pods any more: containerd removes network namespaces, and the kernel what is in them, somewhat later.
nothing_is_left_of_pods() {
	within "$PATIENCE" pods_are_gone || fail "left:" "$(remains)"
	nothing_is_left
	every_call_ended_well
	expect "programs at interfaces" "" \
		"$(on_host bpftool -j net show | jq -r '.[].tc[] | select(.name // "" | startswith("rf_"))')"
}

# Whatever was called in whatever order: no DEL has failed, and of each container DEL was the last.
every_call_ended_well() {
	expect "calls of DEL that failed" "" "$(calls '$1 != "begin" && $1 != 0 && $2 == "DEL"')"
	expect "containers that were not deleted" "" \
		"$(calls '{ last[$3] = $0; ended[$3] = $1 == 0 && $2 == "DEL" } END { for (id in last) if (!ended[id]) print last[id] }')"
}

pods_are_gone() {
	[ -z "$(remains)" ]
}

remains() {
	veths
	files_below /run/netns "$PINS/links"
}

# has_event POD TEXT: `kubectl describe` says it
has_event() {
	kube -n "${NAMESPACE:-default}" describe pod "$1" | grep -qF "$2"
}
