#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # for shells in the lab; each test has its own variables; stderr is of bats
#
# ringfencectl gc: what it removes is what a dry run lists before, whatever goes only because something else does.

setup() {
	load helpers.bash
	warm_host
	OTHER=${PINS%/*}/v2 # another ABI's
}

teardown() {
	stop_host
}

# rows <JSON
rows() {
	jq -r '.[] | "\(.kind) \(.name)"' | LC_ALL=C sort
}

# collects ROWS: a dry run lists these and changes nothing; the run that follows lists the same, and then nothing is left
collects() {
	local before expected

	expected=$(LC_ALL=C sort <<<"$1")
	before=$(snapshot)
	run -0 ctl gc --dry-run --json
	expect "what would be removed" "$expected" "$(rows <<<"$output")"
	expect "is it removed" '[false]' "$(jq -c 'map(.removed) | unique' <<<"$output")"
	run -0 ctl gc --dry-run
	expect "the same for people" "$expected" "$(LC_ALL=C sort <<<"${output//would remove /}")"
	unchanged "$before"
	run -0 ctl gc --json
	expect "what was removed" "$expected" "$(rows <<<"$output")"
	expect "is it removed" '[true]' "$(jq -c 'map(.removed) | unique' <<<"$output")"
	run -0 ctl gc --dry-run
	expect "what is left" "nothing to remove" "$output"
}

vanishes() { # POD LINK
	lab ip netns del "$1"
	within 5 gone "$2"
}

gone() { # LINK
	lab test ! -e "/sys/class/net/$1"
}

# of_other_abi POD: its record says that it is
of_other_abi() {
	lab mkdir -p "$OTHER/links" "$OTHER/maps"
	lab sed -i -E 's/("abi":[[:space:]]*)[0-9]+/\12/' "$RUN/attachments/net/$1:eth0.json"
}

@test "a policy goes with the last pod that has it" {
	shared=$(policy "$(allow 1 tcp 80)")
	for name in a b c; do
		pod "$name" "$((++number))"
	done
	succeeds ADD a "$shared"
	succeeds ADD b "$shared"
	succeeds ADD c "$(policy "$(allow 2 tcp 80)")"
	own=$(record_value c policyId)
	shared=$(record_value a policyId)
	expect "policy of b" "$shared" "$(record_value b policyId)"
	vanishes a v1
	vanishes c v3
	collects $'pod net/a:eth0\npod net/c:eth0\npolicy '"$own"
	vanishes b v2
	collects $'pod net/b:eth0\npolicy '"$shared"
}

@test "a record without a pod, a pod without a record, a link without either, and what loads have left" {
	pod old 2
	succeeds ADD old
	lab cp -a "$RUN/attachments" /run/kept
	succeeds DEL old
	pod nameless 3
	succeeds ADD nameless "$(policy "$(allow 1 tcp 80)")"
	rows=$(printf '%s\n' "record net/old:eth0" "pod $(record_value nameless owner)" "policy $(record_value nameless policyId)" \
		"files $RUN/policies/4294967295" "files ${PINS%/*}/loading")
	if lab "$TOOLS/kernel" tcx; then
		for direction in to from; do
			lab sh -c "bpftool link pin pinned $PINS/links/*_${direction}_pod $PINS/links/00000000000000aa_${direction}_pod"
		done
		rows+=$'\nlink 00000000000000aa'
	fi
	lab rm "$RUN/attachments/net/nameless:eth0.json"
	lab cp -a /run/kept/. "$RUN/attachments"
	lab mkdir -p "$RUN/policies/4294967295" "${PINS%/*}/loading/maps"
	vanishes old v2
	vanishes nameless v3
	collects "$rows"
}

@test "what cannot be removed is no removal: it is said, and goes with the next run" {
	pod web 2
	succeeds ADD web "$(policy "$(allow 1 tcp 80)")"
	policy=$(record_value web policyId) record="$RUN/attachments/net/web:eth0.json"
	vanishes web v2
	lab mount --bind "$record" "$record"
	run -1 --separate-stderr ctl gc --json
	expect "what was removed" "policy $policy" "$(rows <<<"$output")"
	[[ $stderr == *"remove record $record: Device or resource busy"* ]] || fail "$stderr"
	lab umount "$record"
	collects "record net/web:eth0"
}

@test "a link that cannot be removed is said, and goes with the next run" {
	needs_tcx
	pod web 2
	succeeds ADD web
	link=$PINS/links/00000000000000aa_to_pod
	lab sh -c "bpftool link pin pinned $PINS/links/*_to_pod $link"
	lab mount --bind "$link" "$link"
	run -1 --separate-stderr ctl gc --json
	expect "what was removed" "" "$(rows <<<"$output")"
	[[ $stderr == *"remove link $link: Device or resource busy"* ]] || fail "$stderr"
	lab umount "$link"
	collects "link 00000000000000aa"
}

@test "no lock is held while somebody reads what is printed" {
	pod web 2
	succeeds ADD web
	lab awk -v RS='\0' -v directory="$RUN/attachments/net" '{
		for (i = 0; i < 2500; i++) {
			text = $0
			sub(/"container":[ \t]*"web"/, "\"container\": \"gone" i "\"", text)
			sub(/"ifindex":[ \t]*[0-9]+/, "\"ifindex\": 99999", text)
			file = directory "/gone" i ":eth0.json"
			printf "%s", text >file
			close(file)
		}
	}' "$RUN/attachments/net/web:eth0.json"
	holds_no_lock_while_printing gc --dry-run
}

@test "where records cannot be listed, nothing is taken for gone" {
	pod web 2
	succeeds ADD web
	lab mv "$RUN/attachments" "$RUN/elsewhere"
	lab touch "$RUN/attachments"
	lab mkdir -p "$OTHER"
	vanishes web v2
	run -1 ctl gc
	expect "what it says" "ringfencectl: list records and pins: Not a directory" "${lines[0]}"
	lab rm "$RUN/attachments"
	lab mv "$RUN/elsewhere" "$RUN/attachments"
	lab touch "$RUN/attachments/file"
	policy=$(record_value web policyId)
	collects $'abi v2\npod net/web:eth0\npolicy '"$policy"
}

@test "another ABI that cannot be removed is said, and goes with the next run" {
	for directory in "$OTHER" "${OTHER%/*}/retired"; do
		lab mkdir -p "$directory/links"
		lab mount --bind "$directory" "$directory"
		run -1 --separate-stderr ctl gc --json
		expect "what was removed" "" "$(rows <<<"$output")"
		[[ $stderr == *"$directory"* ]] || fail "$stderr"
		lab umount "$directory"
		lab mkdir -p "$directory/links"
		collects "abi ${directory##*/}"
	done
}

@test "another ABI that no pod has any more, and what is left of its removal" {
	lab mkdir -p "$OTHER/links" "${OTHER%/*}/retired/maps"
	collects $'abi v2\nabi retired'
	lab test ! -e "$OTHER"
	lab test ! -e "${OTHER%/*}/retired"
}

@test "another ABI goes with its last pod, also if that one's record is broken; not while a pod has it" {
	for name in web old broken; do
		pod "$name" "$((++number))"
		succeeds ADD "$name"
	done
	of_other_abi web
	of_other_abi old
	vanishes old v2
	collects "pod net/old:eth0"
	lab test -e "$OTHER"
	lab sh -c "echo broken >'$RUN/attachments/net/broken:eth0.json'"
	vanishes web v1
	collects "pod net/web:eth0"
	lab test -e "$OTHER"
	vanishes broken v3
	policy=$(lab sh -c "ls $RUN/policies/*")
	collects $'pod net/broken:eth0\nabi v2\npolicy '"${policy%%-*}"
	lab test ! -e "$OTHER"
}

@test "where nothing of this version is loaded, another ABI goes all the same" {
	lab find "$PINS" -depth -delete
	lab find "$RUN/policies" -mindepth 1 -delete
	lab mkdir -p "$OTHER/links"
	run -0 ctl gc --dry-run
	expect "what would be removed" "would remove abi v2" "$output"
	lab test -e "$OTHER"
	run -0 ctl gc
	expect "what was removed" "removed abi v2" "$output"
	lab test ! -e "$OTHER"
}
