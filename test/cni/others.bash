# SPDX-License-Identifier: Apache-2.0
#
# A pod whose policy lets all or nothing of a kind through, and the programs, filters and qdiscs of others at its interface. Loaded
# behind helpers.bash.
# shellcheck shell=bash disable=SC2034 # what tests read

FOREIGN=/sys/fs/bpf/foreign # the pin of another one's program

# web serves TCP 80: to all, or to nobody; what it opens itself is then denied, too.
OPEN="$(policy "$(allow 1 tcp 80)")"
CLOSED="$(policy "") | .policy.egress = {default: \"deny\"}"

# web is v2, friend is v3
web_and_friend() {
	warm_host
	pod web 2
	pod friend 3
	serve web tcp 80
}

# A kernel before 6.6, for the plugin.
without_tcx() { # succeeds|fails [CODE] VERB POD FILTER
	"$@" LD_PRELOAD="$TOOLS/no_tcx.so" ASAN_OPTIONS="${ASAN_OPTIONS:-}:verify_asan_link_order=0"
}

web_answers() {
	local address

	for address in $(addresses web); do
		reaches friend tcp "$address" 80
	done
}

web_is_closed() {
	local address

	for address in $(addresses web); do
		echo reaches_not friend tcp "$address" 80
	done >"$BATS_TEST_TMPDIR/attempts"
	together <"$BATS_TEST_TMPDIR/attempts"
}

# foreign_program [VERDICT [NAME [PIN]]]
foreign_program() {
	lab "$TOOLS/kernel" load "${3:-$FOREIGN}" "${1:-next}" "${2:-foreign}"
}

# foreign_tcx HOOK [first]
foreign_tcx() {
	lab "$TOOLS/kernel" attach "$FOREIGN" v2 "$@"
}

# foreign_filter HOOK PRIORITY HANDLE [VERB]
foreign_filter() {
	lab tc filter "${4:-add}" dev v2 "$1" prio "$2" handle "$3" bpf da object-pinned "$FOREIGN"
}

foreign_count() {
	lab "$TOOLS/kernel" count "$FOREIGN"
}

# sees COMMAND...: while it runs the foreign program sees packets
sees() {
	local count

	count=$(foreign_count)
	"$@"
	[ "$(foreign_count)" -gt "$count" ] || fail "the foreign program saw no packet"
}

# The programs at a TCX hook of v2, in the order in which they are called
tcx_order() { # HOOK
	lab "$TOOLS/kernel" hooks | awk -v hook="$1" '$1 == "v2" && $3 == hook { print $4 }' | xargs
}

are_in_order() { # HOOK PROGRAMS
	[ "$(tcx_order "$1")" = "$2" ]
}

# The programs of filters of kind bpf at a hook of v2, in the order in which they are called, as PRIORITY:NAME
filter_order() { # HOOK
	lab tc -j filter show dev v2 "$1" |
		jq -r '.[] | select(.options.handle and .kind == "bpf") | "\(.pref):\(.options.prog.name)"' | xargs
}
