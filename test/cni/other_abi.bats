#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2030,SC2031 # each test has its own variables
#
# Versions with different ABIs on one host, whichever came first: the pods of each go on under its programs and maps until they are added
# again or deleted, and what it has pinned goes with the last of them.

setup() {
	load helpers.bash
	load web.bash
	load builds.bash
	OWN_PINS=$PINS
	OTHER_PINS=${PINS%v*}v$((${PINS##*v} + 1))
}

teardown() {
	stop_host
}

# pins BUILD: where it has them
pins() {
	[ "$1" = this ] && echo "$OWN_PINS" || echo "$OTHER_PINS"
}

# of ABIs EARLIER LATER ATTACH: web is of the one, and new of the other; the maps of both know them by the same pod id.
beside() {
	EARLIER=$1 LATER=$2 ATTACH=$3
	WEB="$WEB_POLICY | .attach = \"$ATTACH\""
	stop_host
	start_host
	as "$EARLIER" web_with_friends ".attach = \"$ATTACH\""
	pod new 5
	as "$LATER" succeeds ADD new ".attach = \"$ATTACH\" | .policy = {ingress: {default: \"deny\"}}"
	expect "pod ids" "$(record_value web podId)" "$(record_value new podId)"
	lab test -e "$(pins "$EARLIER")/maps/sessions"
	lab test -e "$(pins "$LATER")/maps/sessions"
}

# each_way COMMAND: beside a version with another ABI, a later and an earlier one, in each way to attach
each_way() {
	local mode

	for mode in $(modes_here); do
		beside this other-abi "$mode"
		"$@"
		beside other-abi this "$mode"
		"$@"
	done
}

modes_here() {
	start_host
	modes
	stop_host
}

stays() { # BUILD
	lab test -e "$(pins "$1")/progs/rf_to_pod" || fail "the pins of $1 are gone"
}

is_gone() { # BUILD
	run ! lab test -e "$(pins "$1")"
	expect "directories" "$(basename "$(pins "$LATER")")" "$(lab ls /sys/fs/bpf/ringfence)"
}

sessions_map() { # BUILD: its id
	lab bpftool -j map show pinned "$(pins "$1")/maps/sessions" | jq .id
}

sets() { # of policies
	lab ls "$RUN/policies" | wc -l
}

keeps_its_policy() {
	policy_holds
	as "$EARLIER" succeeds CHECK web "$WEB"
	as "$LATER" fails 106 CHECK web "$WEB"
	says "added by a version with ABI $(record_value web abi), under whose programs and maps it stays"
	as "$LATER" succeeds CHECK new
	stays "$EARLIER"
}

@test "a pod of another ABI keeps its policy; CHECK of its version finds it, and this one's says whose it is" {
	each_way keeps_its_policy
}

@test "what is counted and followed of a pod is not shown as another's that has its id in maps of another ABI" {
	PINS=$OTHER_PINS
	beside this other-abi clsact
	serve friend udp 54
	reaches new udp 10.88.0.3 54
	reaches_not friend tcp 10.88.0.5 80
	[ "$(as other-abi packets new ingress default-deny)" -ge 1 ]
	run -0 as other-abi ctl stats web
	[[ $output == *"default/web: not in the maps that are pinned"* ]]
	expect "denies of web" 0 "$(as other-abi packets web ingress default-deny)"
	run -0 as other-abi ctl session list new
	[[ $output == *default/new* ]]
	run -0 as other-abi ctl session list web
	expect lines 1 "${#lines[@]}"
}

goes_with_its_last_pod() { # COMMAND...: that makes web one of LATER, or removes it
	local map

	map=$(sessions_map "$EARLIER")
	expect "sets of policies" 2 "$(sets)"
	"$@"
	is_gone "$EARLIER"
	within 5 is_freed map "$map" || fail "the map sessions of $EARLIER is still there"
	expect "sets of policies" 1 "$(sets)"
	as "$LATER" succeeds CHECK new
}

added_again() {
	as "$LATER" succeeds ADD web "$WEB"
	as "$LATER" succeeds CHECK web "$WEB"
	within 2 is_attached v2
}

@test "a pod of another ABI that is added again is this version's, with one program at each hook; the last one takes the pins along" {
	each_way eval 'goes_with_its_last_pod added_again; policy_holds; reaches_not friend tcp 10.88.0.5 80'
}

deleted() {
	as "$LATER" succeeds DEL web
	within 2 is_detached v2
	expect records new:eth0.json "$(lab ls "$RUN/attachments/net")"
}

@test "DEL of the last pod of another ABI leaves no program, no record and no pins" {
	each_way eval 'goes_with_its_last_pod deleted; reaches friend tcp 10.88.0.2 81'
}

collected() {
	as "$LATER" call GC any <<<'{"cniVersion": "1.1.0", "name": "net", "cni.dev/valid-attachments": [{"containerID": "new", "ifname": "eth0"}]}'
	was_success GC
	within 2 is_detached v2
}

@test "GC of the last pod of another ABI leaves no pins" {
	each_way goes_with_its_last_pod collected
}

@test "GC of a pod of another ABI whose interface is gone leaves no pins" {
	beside this other-abi clsact
	lab ip link del v2
	goes_with_its_last_pod as other-abi call GC any <<<'{"cniVersion": "1.1.0", "name": "net", "cni.dev/valid-attachments": [
		{"containerID": "new", "ifname": "eth0"}, {"containerID": "web", "ifname": "eth0"}]}'
}

@test "ringfencectl gc of a pod of another ABI whose interface is gone lists the pins that go with it, also before" {
	beside this other-abi clsact
	run -0 as other-abi ctl gc --dry-run
	expect "what would be removed" "nothing to remove" "$output"
	lab ip link del v2
	run -0 as other-abi ctl gc --dry-run
	expect "what would be removed" $'would remove record net/web:eth0\nwould remove abi '"${OWN_PINS##*/}" "$output"
	stays this
	run -0 as other-abi ctl gc
	expect "what was removed" $'removed record net/web:eth0\nremoved abi '"${OWN_PINS##*/}" "$output"
	is_gone this
	expect "sets of policies" 1 "$(sets)"
}

@test "its own version, called for the last of its pods, leaves the pins; the next call of the other removes them" {
	beside this other-abi clsact
	succeeds DEL web
	stays this
	as other-abi succeeds ADD friend
	is_gone this
}

@test "pins of another ABI stay as long as one of its pods has a record" {
	beside this other-abi clsact
	succeeds ADD stranger
	as other-abi succeeds DEL web
	stays this
	succeeds CHECK stranger
	as other-abi succeeds DEL stranger
	is_gone this
}

@test "a record without an ABI is of 2: its pins stay with it, and go with it" {
	beside this other-abi clsact
	lab mv "$OWN_PINS" "${OWN_PINS%v*}v2"
	lab sh -c "sed -i '/\"abi\"/d' '$RUN/attachments/net/web:eth0.json'"
	as other-abi succeeds ADD friend
	lab test -e "${OWN_PINS%v*}v2/maps/pods"
	as other-abi succeeds DEL web
	is_gone this
}

@test "a record that is broken keeps all pins" {
	beside this other-abi clsact
	succeeds ADD stranger
	lab sh -c "echo '{' >'$RUN/attachments/net/stranger:eth0.json'"
	as other-abi succeeds DEL web
	stays this
}

@test "pins of another ABI stay as long as something of it is attached, whatever the records say" {
	local mode

	for mode in $(modes_here); do
		beside this other-abi "$mode"
		lab rm "$RUN/attachments/net/web:eth0.json"
		as other-abi succeeds ADD friend
		stays this
		reaches_not stranger tcp 10.88.0.2 80
		succeeds DEL web
		within 2 is_detached v2
		as other-abi succeeds ADD friend
		is_gone this
	done
}

@test "what is called like no version of ours is not removed" {
	beside this other-abi clsact
	lab mkdir /sys/fs/bpf/ringfence/{v01,v,vx,v3x,other}
	as other-abi succeeds DEL web
	expect "directories" "$(printf '%s\n' other v v01 v3x vx "$(basename "$OTHER_PINS")" | sort | xargs)" "$(lab ls /sys/fs/bpf/ringfence | sort | xargs)"
}

@test "a removal that was killed is completed by the next call" {
	beside this other-abi clsact
	# Directories of the record go first: the next call goes on behind them.
	for count in {1..6}; do
		as other-abi call DEL web "${STRACE[@]}" -o /dev/null -e trace=rmdir -e "inject=rmdir:signal=KILL:when=$count" < <(config web "$WEB")
		expect "exit status" 137 "$status"
		! lab test -e /sys/fs/bpf/ringfence/retired || break
	done
	lab test -e /sys/fs/bpf/ringfence/retired
	as other-abi succeeds DEL web
	is_gone this
}

@test "an ADD whose pins another ABI's call has just removed is 11 and leaves nothing" {
	beside this other-abi clsact
	as other-abi succeeds DEL web
	succeeds ADD web "$WEB"
	succeeds DEL web
	pause ADD web "$WEB"
	as other-abi succeeds ADD friend
	is_gone this
	! end_pause || fail "it succeeds"
	expect code 11 "$(jq .code "$PAUSED_OUT")"
	is_detached v2
	expect records "friend:eth0.json new:eth0.json" "$(lab ls "$RUN/attachments/net" | xargs)"
	succeeds ADD web "$WEB"
	succeeds CHECK web "$WEB"
}

# A check that needs what is in this version's maps would call it unprotected.
doctor_knows() {
	local rows

	run as "$LATER" ctl doctor --json
	rows=$(jq -c '[.[] | select(.check == "pods" or .check == "interfaces") | select(.level != "ok")]' <<<"$output")
	expect "findings of pods ($rows)" warning "$(jq -r '.[].level' <<<"$rows")"
	[[ $(jq -r '.[].finding' <<<"$rows") == "default/web (v2): added by a version with ABI $(record_value web abi)"* ]] || fail "$rows"
}

@test "doctor says of a pod of another ABI whose it is, and does not call it unprotected" {
	each_way doctor_knows
}
