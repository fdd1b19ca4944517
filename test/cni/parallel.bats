#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Many calls at once, the very first load among them: what comes out is what some order one after the other would have made. The
# order in which calls are started is random; RINGFENCE_SEED repeats one.
# shellcheck disable=SC2016 # what stands in single quotes is for jq, or for the shell in the lab

PODS=64

setup() {
	load helpers.bash
	start_host
	many_pods
	RANDOM=${RINGFENCE_SEED:=$EPOCHSECONDS}
	echo "RINGFENCE_SEED=$RINGFENCE_SEED repeats this order"
}

teardown() {
	stop_host
}

# As pod() makes them, pod1 to pod64 in few steps, and for each its configurations: config/MODE/NUMBER
many_pods() {
	local number

	lab bash -c 'for ((number = 1; number <= $0; number++)); do ip netns add "pod$number"; done' "$PODS"
	for ((number = 1; number <= PODS; number++)); do
		echo "link add v$number type veth peer name eth0 netns pod$number"
		echo "link set v$number master rf0 up"
	done | lab ip -batch -
	mkdir "$BATS_TEST_TMPDIR"/{tcx,clsact}
	# A line for each, of pods whose number divides by 4 with one policy, of others with another
	jq -cn --argjson pods "$PODS" '
		range($pods) + 1 | . as $number | "pod\(.)" as $pod | {
			cniVersion: "1.1.0", name: "net", type: "ringfence",
			policy: {ingress: {rules: [{id: 1, action: "allow", protocol: "tcp", ports: ["\(80 + $number % 4)"]}]}},
			prevResult: {
				cniVersion: "1.1.0",
				interfaces: [{name: "rf0"}, {name: "v\($number)"}, {name: "eth0", sandbox: "/run/netns/\($pod)"}],
				ips: [{interface: 2, address: "10.88.0.\($number + 1)/24"}, {interface: 2, address: "fd00:88::\($number + 1)/64"}]
			}
		}' >"$BATS_TEST_TMPDIR/configs"
	for mode in tcx clsact; do
		number=0
		while read -r line; do
			number=$((number + 1))
			echo "${line/%\}/,\"attach\":\"$mode\"\}}" >"$BATS_TEST_TMPDIR/$mode/$number"
		done <"$BATS_TEST_TMPDIR/configs"
	done
}

# start NAME VERB NUMBER [MODE]: in the background; what comes of it is in the directory NAME.
start() {
	local directory=$BATS_TEST_TMPDIR/$1 verb=$2 number=$3 mode=${4:-clsact}

	mkdir -p "$directory"
	{
		result=0
		ringfence "$verb" "pod$number" <"$BATS_TEST_TMPDIR/$mode/$number" >"$directory/stdout" 2>"$directory/stderr" || result=$?
		echo "$result" >"$directory/status"
	} 3>&- 4>&- &
	started+=($!)
}

# start_gc NAME NUMBER...: these are the valid ones
start_gc() {
	local directory=$BATS_TEST_TMPDIR/$1

	shift
	mkdir -p "$directory"
	jq -cn '{cniVersion: "1.1.0", name: "net", type: "ringfence", "cni.dev/valid-attachments": [$ARGS.positional[] | {containerID: "pod\(.)", ifname: "eth0"}]}' \
		--args "$@" >"$directory/config"
	{
		result=0
		lab env CNI_COMMAND=GC timeout -k 5 "$PATIENCE" "$RINGFENCE_DIRECTORY/ringfence" <"$directory/config" >"$directory/stdout" 2>"$directory/stderr" ||
			result=$?
		echo "$result" >"$directory/status"
	} 3>&- 4>&- &
	started+=($!)
}

all_have_ended() {
	local process

	for process in "${started[@]}"; do
		wait "$process"
	done
	started=()
}

# succeeded NAME [RESULT]
succeeded() {
	local directory=$BATS_TEST_TMPDIR/$1

	expect "$1: $(cat "$directory"/std*)" 0 "$(<"$directory/status")"
	expect "result of $1" "${2-}" "$(<"$directory/stdout")"
}

# succeeded_add NAME NUMBER
succeeded_add() {
	succeeded "$1" "$(sed -n "$2{s/.*\"prevResult\"://;s/}\$//;p}" "$BATS_TEST_TMPDIR/configs")"
}

records() {
	lab sh -c "cat $RUN/attachments/net/* 2>/dev/null" | jq -s 'sort_by(.ifindex)'
}

hosts() { # of the interfaces that have programs at both hooks, by either way, one a line; others with a "!"
	{
		lab "$TOOLS/kernel" hooks | awk '$4 ~ /^rf_/ { print $1, $3 }'
		lab bash -c 'tc qdisc show | sed -n "s/^qdisc clsact ffff: dev \([^ ]*\) .*/\1/p" | while read -r link; do
			for hook in ingress egress; do
				tc filter show dev "$link" "$hook" | grep -o "rf_[a-z]*_pod" | sort -u | sed "s/.*/$link $hook/"
			done
		done'
	} | awk '{ hooks[$1] = hooks[$1] " " $2; count[$1]++ }
		END { for (link in count) print (count[link] == 2 && hooks[link] ~ /in/ && hooks[link] ~ /eg/ ? "" : "!") link }' | sort
}

# Each pod is there as a whole, or not at all: what is recorded, in the maps, pinned and attached are the same pods.
state_is_whole() {
	local count name

	records >"$BATS_TEST_TMPDIR/records"
	count=$(jq length "$BATS_TEST_TMPDIR/records")
	within 2 hosts_are_recorded || fail "attached, and recorded:" "$(diff <(hosts) <(recorded_hosts))"
	expect "entries of interfaces" "$count" "$(map_size interfaces)"
	expect "entries of pods" "$((2 * count))" "$(map_size pods)"
	expect "entries of pod_state" "$count" "$(map_size pod_state)"
	expect "different ids" "$count" "$(jq 'map(.podId) | unique | length' "$BATS_TEST_TMPDIR/records")"
	expect "policies" "$(jq 'map(.policyId) | unique | length' "$BATS_TEST_TMPDIR/records")" "$(lab find "$RUN/policies" -type f | wc -l)"
	expect "pins" "$(jq 'map(select(.attach == "tcx")) | 2 * length' "$BATS_TEST_TMPDIR/records")" "$(lab find "$PINS/links" -type f | wc -l)"
	while read -r name; do
		start "whole-$name" CHECK "${name#pod}"
	done < <(jq -r '.[].container' "$BATS_TEST_TMPDIR/records")
	all_have_ended
	while read -r name; do
		succeeded "whole-$name"
	done < <(jq -r '.[].container' "$BATS_TEST_TMPDIR/records")
}

recorded_hosts() {
	jq -r '.[].hostInterface' "$BATS_TEST_TMPDIR/records" | sort
}

hosts_are_recorded() {
	[ "$(hosts)" = "$(recorded_hosts)" ]
}

is_recorded() { # NUMBER
	jq -e --arg name "pod$1" 'any(.container == $name)' "$BATS_TEST_TMPDIR/records" >/dev/null
}

nothing_is_left() {
	for map in pods interfaces pod_state peers services; do
		expect "entries of $map" 0 "$(map_size "$map")"
	done
	expect "files" 0 "$(lab find "$RUN" "$PINS/links" -type f ! -name lock | wc -l)"
	within 2 nothing_is_attached || fail "attached: $(hosts)"
}

nothing_is_attached() {
	[ -z "$(hosts)" ]
}

remove_all() { # with a GC that finds no valid one in between
	local number

	for ((number = 1; number <= PODS; number++)); do
		start "last-$number" DEL "$number"
		((number != PODS / 2)) || start_gc last-gc
	done
	all_have_ended
	for ((number = 1; number <= PODS; number++)); do
		succeeded "last-$number"
	done
	succeeded last-gc
	nothing_is_left
}

@test "64 ADDs at once, the very first load among them, then 64 DELs at once" {
	for ((number = 1; number <= PODS; number++)); do
		start "add-$number" ADD "$number" "$([ $((number % 2)) = 0 ] && modes | head -n 1 || echo clsact)"
	done
	all_have_ended
	for ((number = 1; number <= PODS; number++)); do
		succeeded_add "add-$number" "$number"
	done
	state_is_whole
	expect "pod ids" "$(seq "$PODS")" "$(jq '.[].podId' "$BATS_TEST_TMPDIR/records" | sort -n)"
	expect "policies" 4 "$(lab find "$RUN/policies" -type f | wc -l)"
	remove_all
}

# One round: all pods are added, some twice, some are removed, checked, and collected, started in a random order, all at once. The
# mode of each ADD is one of those given.
mixed_round() { # ROUND MODE...
	local round=$1 number call plan=() modes=("${@:2}")
	local -A removals=() was=()

	records >"$BATS_TEST_TMPDIR/records"
	for ((number = 1; number <= PODS; number++)); do
		! is_recorded "$number" || was[$number]=1
		plan+=("ADD $number ${modes[RANDOM % ${#modes[@]}]}")
	done
	for ((number = 0; number < PODS / 2; number++)); do
		plan+=("DEL $((RANDOM % PODS + 1))")
	done
	for ((number = 0; number < 12; number++)); do
		plan+=("CHECK $((RANDOM % PODS + 1))" "ADD $((RANDOM % PODS + 1)) ${modes[RANDOM % ${#modes[@]}]}")
	done
	# Each collection spares all but eight pods.
	for ((number = 0; number < 3; number++)); do
		plan+=("GC $(seq "$PODS" | shuf -n "$((PODS - 8))" --random-source=<(yes "$RANDOM") | tr '\n' ' ')")
	done
	mapfile -t plan < <(printf '%s\n' "${plan[@]}" | shuf --random-source=<(yes "$RANDOM"))
	for call in "${!plan[@]}"; do
		read -ra words <<<"${plan[call]}"
		if [ "${words[0]}" = GC ]; then
			start_gc "$round-$call" "${words[@]:1}"
		else
			start "$round-$call" "${words[@]}"
		fi
	done
	all_have_ended
	for call in "${!plan[@]}"; do
		read -ra words <<<"${plan[call]}"
		number=${words[1]}
		case ${words[0]} in
		ADD)
			succeeded_add "$round-$call" "$number"
			;;
		DEL)
			removals[$number]=1
			succeeded "$round-$call"
			;;
		GC)
			for number in $(comm -23 <(seq "$PODS" | sort) <(printf '%s\n' "${words[@]:1}" | sort)); do
				removals[$number]=1
			done
			succeeded "$round-$call"
			;;
		esac
	done
	# A pod that was there, and that nobody removed, was there all the time; of another a CHECK may have come before or after.
	for call in "${!plan[@]}"; do
		read -ra words <<<"${plan[call]}"
		number=${words[1]}
		[ "${words[0]}" = CHECK ] || continue
		if [ "${was[$number]-}" ] && ! [ "${removals[$number]-}" ] || [ "$(<"$BATS_TEST_TMPDIR/$round-$call/status")" = 0 ]; then
			succeeded "$round-$call"
		else
			expect "CHECK of pod$number" 106 "$(jq .code "$BATS_TEST_TMPDIR/$round-$call/stdout")"
		fi
	done
	state_is_whole
	for ((number = 1; number <= PODS; number++)); do
		[ "${removals[$number]-}" ] || is_recorded "$number" || fail "pod$number was added, and not removed, and is not there"
	done
}

@test "ADD, DEL, CHECK and GC of the same and of different pods at once: a state that some order could have made" {
	local before modes

	mapfile -t modes < <(modes)
	# What loading leaves is no pod's.
	start warmer ADD 64
	all_have_ended
	start warmer DEL 64
	all_have_ended
	before=$(snapshot)
	start first ADD 1
	all_have_ended
	succeeded_add first 1
	mixed_round one "${modes[0]}"
	mixed_round two "${modes[@]}"
	remove_all
	unchanged "$before"
}

@test "ADD and DEL of the same pod at once: it is there whole or not at all, and the last DEL leaves nothing" {
	local mode

	for round in 1 2; do
		for mode in $(modes); do
			for number in 1 2 3 4; do
				for call in $(shuf -e a-ADD b-DEL c-ADD d-DEL e-CHECK --random-source=<(yes "$RANDOM")); do
					start "$call-$number" "${call#*-}" "$number" "$mode"
				done
			done
			all_have_ended
			for number in 1 2 3 4; do
				succeeded_add "a-ADD-$number" "$number"
				succeeded_add "c-ADD-$number" "$number"
				succeeded "b-DEL-$number"
				succeeded "d-DEL-$number"
			done
			state_is_whole
		done
	done
	for number in 1 2 3 4; do
		start "last-$number" DEL "$number"
	done
	all_have_ended
	nothing_is_left
}

@test "the same pod added many times at once is there once" {
	for ((number = 0; number < 16; number++)); do
		start "add-$number" ADD 1 "$(modes | head -n "$((number % 2 + 1))" | tail -n 1)"
	done
	all_have_ended
	for ((number = 0; number < 16; number++)); do
		succeeded_add "add-$number" 1
	done
	state_is_whole
	expect "pods" 1 "$(map_size pod_state)"
	start last DEL 1
	all_have_ended
	succeeded last
	nothing_is_left
}
