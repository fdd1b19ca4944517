#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Another build of the same ABI exchanges the programs under traffic, over the same maps, and an earlier one does the same. That none of
# what is denied gets through meanwhile: replace.bats, too. Other ABIs: other_abi.bats.
# shellcheck disable=SC2016,SC2030,SC2031 # what stands in single quotes is for the shell in the lab; each test has its own status

setup() {
	load helpers.bash
	load web.bash
	load flood.bash
	load builds.bash
	warm_host
	before_it=$(pinned_programs)
}

teardown() {
	calm
	stop_host
}

# web and other, one by each way to attach; web may ping its friend, and be pinged by it.
two_pods() {
	POLICY="$(policy "$(allow 1 tcp 80 10.88.0.3 fd00:88::3), {id: 2, action: \"allow\", protocol: \"icmp\"}") |
		.policy.egress = {default: \"deny\", rules: [{id: 3, action: \"allow\", protocol: \"icmp\"}]}"
	pod web 2
	pod friend 3
	pod other 6
	pod new 5
	serve web tcp 80
	WEB="$POLICY | .attach = \"$(modes | head -n 1)\"" OTHER="$POLICY | .attach = \"clsact\""
	succeeds ADD web "$WEB"
	succeeds ADD other "$OTHER"
}

# pings POD ADDRESS: until calm()
pings() {
	in_pod "$1" bash -c '
		timeout 480 ping -n -i 0.005 "$0" >"$1.pings.$2" &
		while [ -e "$1" ]; do
			sleep 0.02
		done
		kill -INT $!
	' "$2" "$SENDING" "$1" 3>&- 4>&- &
}

# none_is_lost POD: each of its pings was answered, up to the last answer
none_is_lost() {
	sed -n 's/.*icmp_seq=\([0-9]*\) .*/\1/p' "$SENDING.pings.$1" | awk -v pod="$1" '
		$1 != ++expected { print pod ": no answer to ping " expected; exit lost = 1 }
		END { exit lost || expected < 50 }'
}

# all_pass_and_none COMMAND...: while it runs each ping is answered, and nothing that is denied arrives
all_pass_and_none() {
	flood "${PAUSE-}"
	pings web 10.88.0.3
	pings friend 10.88.0.2
	sleep 0.2
	none_arrives "$@"
	calm
	sleep 0.1
	none_is_lost web
	none_is_lost friend
}

checks_by() { # BUILD...
	local build

	for build; do
		as "$build" succeeds CHECK web "$WEB"
		as "$build" succeeds CHECK other "$OTHER"
	done
}

# When the TCP session of the tests was made (struct rf_session, of the maps), in hex
tcp_sessions() {
	lab "$TOOLS/kernel" maps "$PINS/maps" | awk '/^(sessions|half_open) / && substr($2, 73, 2) == "06" { print substr($3, 113, 16) }'
}

there_and_back() {
	local build

	for build in other-build this; do
		as "$build" succeeds ADD new
		expect "what ADD says" "" "$(<"$ERR")"
		is_of "$build" web other new
		checks_by this other-build
		exchange live || fail "the connection has ended"
	done
}

@test "an ADD by another build exchanges the programs of all pods: none of their packets is lost, none is unjudged" {
	local sessions counted program

	two_pods
	dial live friend 10.88.0.2 80
	exchange live
	sessions=$(tcp_sessions)
	[ -n "$sessions" ]
	counted=$(packets web ingress session)
	all_pass_and_none there_and_back
	expect "the session of the connection" "$sessions" "$(tcp_sessions)"
	[ "$(packets web ingress session)" -gt "$((counted + 50))" ]
	for program in $before_it; do
		within 5 is_freed prog "$program" || fail "program $program is still there"
	done
}

@test "what both builds made is the same: the mark of rejects, and the maps" {
	local mark maps rodata

	two_pods
	mark=$(identifier 12 4)
	maps=$(lab bpftool -j map show | jq -c '[.[].id]')
	as other-build succeeds ADD new
	expect "mark" "$mark" "$(identifier 12 4)"
	rodata=$(constants_of rf_to_pod)
	lab bpftool -j map dump id "$rodata" | grep -q . || fail "no constants of the programs"
	expect "the mark that the programs have" $((0x$mark)) \
		"$(lab bpftool -j map dump id "$rodata" | jq '[.. | .reply_mark? // empty][0]')"
	expect "maps that are pinned and were there" "$(lab ls "$PINS/maps" | wc -l)" "$(lab find "$PINS/maps" -type f -printf '%p\n' |
		while read -r pin; do lab bpftool -j map show pinned "$pin" | jq .id; done | jq -s --argjson before "$maps" 'map(select(IN($before[]))) | length')"
}

@test "what explains packets is of the build that decides on them" {
	local before

	two_pods
	before=$(lab bpftool -j prog show pinned "$PINS/progs/rf_explain" | jq .id)
	as other-build succeeds ADD new
	is_of other-build web other new
	within 5 is_freed prog "$before" || fail "rf_explain is still that of the build before"
	as other-build ctl explain --from 10.88.0.3 --to 10.88.0.2:80/tcp >"$OUT"
}

@test "only ADD exchanges: CHECK, STATUS, DEL, GC and ringfencectl of another build work with what is pinned" {
	two_pods
	checks_by other-build
	as other-build call STATUS any <<<'{"cniVersion": "1.1.0", "name": "net"}'
	was_success STATUS
	as other-build ctl pod list | grep -q default/web
	as other-build succeeds DEL web
	within 2 is_detached v2
	as other-build call GC any <<<'{"cniVersion": "1.1.0", "name": "net", "cni.dev/valid-attachments": [{"containerID": "other", "ifname": "eth0"}]}'
	was_success GC
	is_of this other
	expect "programs" "$before_it" "$(pinned_programs)"
	checks_by_other
}

checks_by_other() {
	as other-build succeeds CHECK other "$OTHER"
}

@test "a map that an earlier build has not pinned is made by the upgrade; until then a build that knows it does without" {
	local kept

	two_pods
	lab rm "$PINS/maps/events_lost"
	checks_by other-build
	as other-build succeeds DEL other
	kept=$(lab bpftool -j map show pinned "$PINS/maps/sessions" | jq .id)
	as other-build succeeds ADD new
	is_of other-build web new
	expect "map sessions" "$kept" "$(lab bpftool -j map show pinned "$PINS/maps/sessions" | jq .id)"
	as other-build ctl stats web >/dev/null
	succeeds CHECK web "$WEB"
}

@test "programs that the kernel refuses are tried once: pods start and stay under those that are there, and ADD says so" {
	two_pods
	as refused-build succeeds ADD new
	grep -q "^ringfence: exchange the programs of build $(build_number this) for those of build $(build_number refused-build): load programs and maps (.*R[0-9].*)" "$ERR"
	as refused-build succeeds ADD new . "${STRACE[@]}" -o "$LAB_DIRECTORY/calls" -e trace=bpf
	grep -q "this kernel has refused them" "$ERR"
	expect "programs that were loaded" 0 "$(grep -c BPF_PROG_LOAD "$LAB_DIRECTORY/calls")"
	is_of this web other new
	checks_by this refused-build
	as other-build succeeds ADD new
	is_of other-build web other new
	expect "refused build" 0000000000000000 "$(identifier 24 8)"
}

@test "a pinned map of another shape is 102, says that the build is wrong, and changes nothing" {
	two_pods
	lab bpftool map create "$PINS/maps/strange" type hash key 4 value 8 entries 10 name fragments
	lab mv "$PINS/maps/strange" "$PINS/maps/fragments"
	as other-build refuses 102 new . "map fragments is pinned with type 1, keys of 4 bytes, values of 8 bytes"
	says "Install the former build again"
	is_of this web other
}

@test "a pod that is gone does not stop the exchange for the others, and is named" {
	two_pods
	pod gone 7
	succeeds ADD gone '.attach = "clsact"'
	lab ip netns del gone
	within 5 gone v7
	as other-build succeeds ADD new
	grep -q "ringfence: pod default/gone keeps the programs that it has" "$ERR"
	expect lines 1 "$(wc -l <"$ERR")"
	is_of other-build web other new
}

@test "an ADD that opened the pins before the exchange ends with the programs that are pinned after it" {
	local mode

	for mode in $(modes); do
		two_pods
		pause ADD new ".attach = \"$mode\""
		pod early 8
		as other-build succeeds ADD early
		is_of other-build early web other
		end_pause
		is_of other-build new
		stop_host
		warm_host
	done
}

@test "ADDs by another build at once, one of which exchanges, all end with its programs" {
	local number pods=()

	two_pods
	for number in {20..31}; do
		pod "pod$number" "$number"
		pods+=("pod$number")
		echo as other-build succeeds_alone "pod$number" "$((number % 2))"
	done >"$BATS_TEST_TMPDIR/calls"
	together <"$BATS_TEST_TMPDIR/calls"
	is_of other-build web other "${pods[@]}"
}

succeeds_alone() { # POD NUMBER
	ringfence ADD "$1" < <(config "$1" ".attach = \"$(modes | sed -n "$(($2 + 1))p;\$p" | head -n 1)\"") >/dev/null
}

# Where an ADD that upgrades can be stopped: "SYSCALL NUMBER WHAT", in order
points() {
	as other-build succeeds ADD new . "${STRACE[@]}" -o "$LAB_DIRECTORY/calls" -e trace=bpf,rename,sendto
	succeeds ADD new
	sed 's/^[0-9]* *//' "$LAB_DIRECTORY/calls" | awk -F '[(,]' '
		{ count[$1]++ }
		/BPF_PROG_LOAD.*Dual/ { loading = 1 }
		loading && /BPF_PROG_LOAD|BPF_MAP_UPDATE_ELEM|BPF_OBJ_PIN|BPF_LINK_UPDATE|^rename|RTM_NEWTFILTER/ {
			print $1, count[$1], $1 == "bpf" ? $2 : $1
		}
		loading && /BPF_MAP_UPDATE_ELEM/ && ++updates == 2 { exit }' >"$BATS_TEST_TMPDIR/points"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/points")" -ge 10 ] || fail "points:" "$(<"$BATS_TEST_TMPDIR/points")"
}

# stopped_at SYSCALL NUMBER WITH: the ADD that upgrades
stopped_at() {
	as other-build call ADD new "${STRACE[@]}" -o /dev/null -e trace=bpf,rename,sendto -e "inject=$1:$3:when=$2" < <(config new)
}

killed_at_each_point() {
	local syscall number what

	while read -r syscall number what; do
		stopped_at "$syscall" "$number" signal=KILL
		expect "exit status of one killed at $what $number" 137 "$status"
		checks_by this
		as other-build succeeds ADD new
		is_of other-build web other new
		succeeds ADD new
	done <"$BATS_TEST_TMPDIR/points"
}

@test "a kill anywhere in the exchange leaves each pod under its policy, and the next ADD completes it" {
	two_pods
	points
	PAUSE=0.002 # the calls are to come to their turn
	all_pass_and_none killed_at_each_point
}

@test "an error anywhere in the exchange keeps no pod from starting, and is said; nothing unfinished stays behind the next ADDs" {
	local syscall number what

	two_pods
	points
	while read -r syscall number what; do
		stopped_at "$syscall" "$number" error=ENOMEM
		was_success ADD
		expect "lines about an error of $what $number" 1 "$(wc -l <"$ERR")" || fail "$(<"$ERR")"
		checks_by this
		as other-build succeeds ADD new
		as other-build succeeds ADD web "$WEB"
		as other-build succeeds ADD other "$OTHER"
		is_of other-build web other new
		succeeds ADD new
	# libbpf asks again, with a log, for a program that was refused.
	done < <(awk '$3 != "BPF_PROG_LOAD" && !seen[$3]++' "$BATS_TEST_TMPDIR/points")
}
