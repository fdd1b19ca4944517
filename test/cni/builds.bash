# SPDX-License-Identifier: Apache-2.0
#
# Other builds of the plugin and of ringfencectl (Makefile, VARIANTS), and which build's programs are where. Loaded behind helpers.bash.
# shellcheck shell=bash

# as BUILD COMMAND...: the plugin and ringfencectl are those of that build; `this` is the one that all other tests are about.
as() {
	local RINGFENCE_DIRECTORY=$RINGFENCE_DIRECTORY

	[ "$1" = this ] || RINGFENCE_DIRECTORY+=/$1
	[ -x "$RINGFENCE_DIRECTORY/ringfence" ] || fail "no $RINGFENCE_DIRECTORY/ringfence: make SANITIZE=1 variant-programs"
	"${@:2}"
}

build_number() { # BUILD
	sed -n 's/^#define RF_BUILD 0x\(.*\)ull$/\1/p' "$ROOT/build/${1/#this/.}/bpf/ringfence.build.h"
}

# identifier OFFSET SIZE: a number out of struct rf_identifiers (bpf/abi.h), in hex
identifier() {
	lab "$TOOLS/kernel" maps "$PINS/maps" | awk -v offset="$1" -v size="$2" '$1 == "identifiers" {
		for (i = offset + size - 1; i >= offset; i--)
			number = number substr($3, 2 * i + 1, 2)
		print number
	}'
}

pinned_build() {
	identifier 16 8
}

pinned_programs() { # their ids: to the pod, from the pod
	local direction

	for direction in to from; do
		lab bpftool -j prog show pinned "$PINS/progs/rf_${direction}_pod" | jq .id
	done | xargs
}

attached_programs() { # POD: the same, of those that are attached
	local direction hook

	if [ "$(record_value "$1" attach)" = tcx ]; then
		for direction in to from; do
			lab bpftool -j link show pinned "$PINS/links/$(record_value "$1" owner)_${direction}_pod" | jq .prog_id
		done
	else
		for hook in egress ingress; do
			lab tc -j filter show dev "$(record_value "$1" hostInterface)" "$hook" | jq '.[].options.prog.id // empty'
		done
	fi | xargs
}

constants_of() { # PROGRAM: the map of its constants, which each load makes anew for its programs
	lab bpftool -j prog show pinned "$PINS/progs/$1" | jq '.map_ids[]' | while read -r id; do
		lab bpftool -j map show id "$id" | jq 'select(.name | endswith("rodata")) | .id // empty'
	done
}

# is_of BUILD POD...: these pods have its programs, all of what is pinned says so, and nothing unfinished is left
is_of() {
	local pod

	expect "pinned build" "$(build_number "$1")" "$(pinned_build)"
	expect "pinned programs" "rf_explain rf_from_pod rf_to_pod" "$(lab ls "$PINS/progs" | xargs)"
	expect "constants of rf_explain" "$(constants_of rf_to_pod)" "$(constants_of rf_explain)"
	for pod in "${@:2}"; do
		expect "programs of $pod" "$(pinned_programs)" "$(attached_programs "$pod")"
	done
}

# is_freed prog|map ID: the kernel has it no more
is_freed() {
	! lab bpftool "$1" show id "$2" >/dev/null 2>&1
}

# pause VERB POD [FILTER]: a call that has opened the pins and taken the attachment's lock is stopped, until end_pause
pause() {
	PAUSED_OUT=$BATS_TEST_TMPDIR/paused
	stopping fcntl
	ringfence "$1" "$2" "${STOPPING[@]}" < <(config "$2" "${3:-.}") >"$PAUSED_OUT" 3>&- 4>&- &
	PAUSED=$!
	within 30 has_stopped || fail "it takes no lock"
}

end_pause() { # it goes on to its end: its exit status
	go_on
	wait "$PAUSED"
}
