# SPDX-License-Identifier: Apache-2.0
#
# What containerd_order.bats and containerd2_order.bats show: what a runtime does in an order that surprises, or not at all.
# Three networks: in `plain` ringfence is the last plugin; in `refusing` and `stalling` another one comes after it
# (plugins/refuse.sh, stall.sh). In front of ringfence stands plugins/record.sh, which writes down how it is called.
# shellcheck shell=bash disable=SC2119,SC2154 # what bats' run sets; functions whose arguments may be left out

# shellcheck source=test/e2e/helpers.bash
. "$BATS_TEST_DIRNAME/helpers.bash"

SERVER_ADDRESSES=(10.86.1.4 fd00:86:1::4)

setup_file() {
	LACKING=$(lacking)
	export LACKING
	[ -z "$LACKING" ] || return 0
	prepare_containerd
	cp "$RINGFENCE" "$DIR/ringfence"
	cp "$HERE/plugins/record.sh" "$DIR/bin/ringfence"
	cp "$HERE/plugins/refuse.sh" "$DIR/bin/refuse"
	cp "$HERE/plugins/stall.sh" "$DIR/bin/stall"
	conflist plain 1 "$(netconf auto 1)"
	conflist refusing 2 "$(netconf auto 2)" '.plugins += [{type: "refuse"}]'
	conflist stalling 3 "$(netconf auto 3)" '.plugins += [{type: "stall"}]'
	containerd_config plain refusing stalling >"$DIR/containerd.toml"
	start_host
	start_pods plain server # from now on there are programs and maps
	stop_pods
	nothing_is_left
}

teardown_file() {
	if [ -n "${SUPERVISOR:-}" ]; then
		stop_host
	fi
}

setup() {
	[ -z "$LACKING" ] || skip "$LACKING"
	: >"$DIR/calls"
}

teardown() {
	[ -z "$LACKING" ] || return 0
	if [ -z "${BATS_TEST_COMPLETED:-}" ]; then
		complaints >&2
		cat "$DIR/calls" >&2
	fi
	rm -f "$DIR/stalled"
	answers || start_containerd
	stop_pods
}

# Pods

# start HANDLER POD...: their ids are then in ID_POD.
start() {
	local pod

	start_pods "$@" >"$BATS_TEST_TMPDIR/pods.json" || return
	for pod in "${@:2}"; do
		printf -v "ID_$pod" %s "$(jq -r --arg pod "$pod" '.[$pod].id' "$BATS_TEST_TMPDIR/pods.json")"
	done
	[[ " $* " != *" server "* ]] || within 10 serves "$ID_server"
}

three_pods() {
	start plain allowed denied server
	expect "addresses of the server" "${SERVER_ADDRESSES[*]}" \
		"$(jq -r '.server.addresses | join(" ")' "$BATS_TEST_TMPDIR/pods.json")"
}

# calls ID: how ringfence was called for the sandbox: "ADD netns", "DEL netns", or "DEL -" where CNI_NETNS was empty
calls() {
	awk -v id="$1" '$2 == id { print $1, $3 == "-" ? "-" : "netns" }' "$DIR/calls"
}

# netns ID: the name of the network namespace that the sandbox was added with
netns() {
	basename "$(awk -v id="$1" '$1 == "ADD" && $2 == id { print $3 }' "$DIR/calls")"
}

# main_process ID: of a sandbox or of a container
main_process() {
	on_host cat "/run/containerd/io.containerd.runtime.v2.task/k8s.io/$1/init.pid"
}

end_main_process() { # ID
	local pid

	pid=$(main_process "$1")
	on_host kill -KILL "$pid"
	within 20 has_ended_on_host "$pid"
}

# Asked without containerd, from the pod's network namespace: the policy of the server's pod is in force.
server_is_protected() {
	local address

	for address in "${SERVER_ADDRESSES[@]}"; do
		run connect "$ID_allowed" "$address" 10000
		expect "allowed pod to $address" connected "$output"
		run connect "$ID_denied" "$address" 1000
		expect "denied pod to $address" "timed out" "$output"
	done
}

connect() { # ID ADDRESS MILLISECONDS
	on_host ip netns exec "$(netns "$1")" "$DIR/transfer" tcp-connect "$2" 8080 "$3"
}

# The tests

later_plugin_refuses() {
	local id

	run start_pods refusing server
	[ "$status" -ne 0 ] || fail "the pod was started"
	[[ $output == *'refused by a later plugin'* ]] || fail "not refused by it: $output"
	id=$(awk '{ print $2 }' "$DIR/calls" | sort -u)
	[[ $(calls "$id") == "ADD netns"$'\n'"DEL "* ]] || fail "no DEL for the half-made chain:" "$(calls "$id")"
	stop_pods
	nothing_is_left
}

# As a kubelet does whose runtime does not answer: the runtime then kills the plugin that is at work.
start_is_given_up() {
	local id

	SANDBOX_SECONDS=10 run start_pods stalling server
	[ "$status" -ne 0 ] || fail "the pod was started"
	[[ $output == *DEADLINE_EXCEEDED* ]] || fail "not given up: $output"
	id=$(awk '{ print $2 }' "$DIR/calls" | sort -u)
	within 20 was_called "$id" DEL
	stop_pods
	nothing_is_left
}

was_called() { # ID VERB
	[[ $(calls "$1") == *"$2"* ]]
}

stops_and_removes_twice() {
	start plain server
	cri stop "$ID_server"
	nothing_is_left
	cri stop "$ID_server"
	cri remove "$ID_server"
	cri remove "$ID_server"
	expect "calls" "$(printf '%s\n' "ADD netns" "DEL netns" "DEL -" "DEL -")" "$(calls "$ID_server")"
	nothing_is_left
}

removes_running_sandbox() {
	start plain server
	cri remove server
	expect "calls" "$(printf '%s\n' "ADD netns" "DEL netns")" "$(calls "$ID_server")"
	nothing_is_left
}

pause_is_killed() {
	three_pods
	end_main_process "$ID_server"
	server_is_protected
	stop_pods
	nothing_is_left
}

# Nothing of the sandbox is left to enter: no process, no network namespace.
namespace_is_gone() {
	local container

	three_pods
	container=$(cri containers server)
	end_main_process "$container"
	end_main_process "$ID_server"
	on_host ip netns delete "$(netns "$ID_server")"
	within 5 has_veths 2 || fail "the network namespace is still there"
	stop_pods server
	expect "calls" "$(printf '%s\n' "ADD netns" "DEL -" "DEL -")" "$(calls "$ID_server")"
	expect "records" 2 "$(records)"
	stop_pods
	nothing_is_left
}

has_veths() {
	[ "$(veths | wc -l)" = "$1" ]
}

# What runs already gets no policy, and is removed all the same; what is started after it is protected.
added_before_ringfence_was_there() {
	conflist plain 1 "$(netconf auto 1)" '.plugins |= .[:1]'
	kill_containerd
	start_containerd
	start plain earlier
	conflist plain 1 "$(netconf auto 1)"
	kill_containerd
	start_containerd
	expect "calls" "" "$(calls "$ID_earlier")"
	SERVER_ADDRESSES=(10.86.1.5 fd00:86:1::5)
	three_pods
	run in_pod earlier transfer tcp-connect "${SERVER_ADDRESSES[0]}" 8080 10000
	expect "the first address, which the policy allows, to the server" connected "$output"
	run in_pod denied transfer tcp-connect "${SERVER_ADDRESSES[0]}" 8080 1000
	expect "another one" "timed out" "$output"
	stop_pods
	expect "calls" "$(printf '%s\n' "DEL netns" "DEL -")" "$(calls "$ID_earlier")"
	nothing_is_left
}

# No DEL comes for pods whose conflist has lost ringfence; their interfaces go, and later calls see that.
removed_after_ringfence_has_left() {
	local id

	three_pods
	conflist plain 1 "$(netconf auto 1)" '.plugins |= .[:1]'
	kill_containerd
	start_containerd
	stop_pods
	for id in "$ID_allowed" "$ID_denied" "$ID_server"; do
		expect "calls" "ADD netns" "$(calls "$id")"
	done
	conflist plain 1 "$(netconf auto 1)"
	kill_containerd
	start_containerd
	three_pods
	expect "records" 3 "$(records)"
	server_is_protected
	stop_pods
	nothing_is_left
}

started_at_once() {
	local pod started=()

	for pod in one two three four five six seven eight; do
		start_pods plain "$pod" >"$BATS_TEST_TMPDIR/$pod.json" &
		started+=("$!")
	done
	for pod in "${started[@]}"; do
		wait "$pod"
	done
	expect "records" 8 "$(records)"
	expect "pods" 8 "$(ctl pod list | grep -c '^e2e/')"
	expect "link pins or filters" 16 "$(attached)"
	stop_pods
	nothing_is_left
}

# How many programs are attached, by either way
attached() {
	{
		files_below "$PINS/links"
		traffic_control | grep -E ' rf_(to|from)_pod '
	} | wc -l
}

same_name_overlaps() {
	local old

	three_pods
	old=$ID_server
	start plain server
	[ "$old" != "$ID_server" ] || fail "no second sandbox of that name"
	expect "records" 4 "$(records)"
	SERVER_ADDRESSES=(10.86.1.5 fd00:86:1::5)
	cri down "$old"
	expect "records" 3 "$(records)"
	server_is_protected
	stop_pods
	nothing_is_left
}

killed_while_pods_run() {
	local id

	three_pods
	kill_containerd
	server_is_protected
	start_containerd
	server_is_protected
	stop_pods
	for id in "$ID_allowed" "$ID_denied" "$ID_server"; do
		expect "calls" "$(printf '%s\n' "ADD netns" "DEL netns" "DEL -")" "$(calls "$id")"
	done
	nothing_is_left
}

# Leaves the id of the half-made pod in ID.
kill_while_a_pod_is_added() {
	local starter

	start_pods stalling server >"$BATS_TEST_TMPDIR/pods.json" 2>&1 &
	starter=$!
	within 30 test -e "$DIR/stalled"
	expect "records" 1 "$(records)"
	kill_containerd
	! wait "$starter" || fail "the pod was started"
	rm "$DIR/stalled"
	ID=$(awk '{ print $2 }' "$DIR/calls")
	start_containerd
}

killed_while_a_pod_is_added() {
	kill_while_a_pod_is_added
	stop_pods
	expect "calls" "$(printf '%s\n' "ADD netns" "DEL netns" "DEL -")" "$(calls "$ID")"
	nothing_is_left
}

killed_while_a_pod_is_added_and_forgets_it() {
	kill_while_a_pod_is_added
	stop_pods
	expect "calls" "ADD netns" "$(calls "$ID")"
	expect "links" "" "$(veths)"
	three_pods
	expect "records" 3 "$(records)"
	server_is_protected
	stop_pods
	nothing_is_left
}

node_reboots() {
	local id

	three_pods
	reboot_host
	start_containerd
	expect "programs and maps after the reboot" "" "$(files_below "$PINS")"
	stop_pods
	for id in "$ID_allowed" "$ID_denied" "$ID_server"; do
		expect "calls" "$(printf '%s\n' "ADD netns" "DEL -" "DEL -")" "$(calls "$id")"
	done
	expect "programs and maps after the removals" "" "$(files_below "$PINS")"
	three_pods
	server_is_protected
	stop_pods
	nothing_is_left
}
