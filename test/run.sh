#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs what is built; `make test` calls it after set-up and build.
#
#   LEVEL="unit bpf"       these levels only (lint unit bpf cni e2e; and kernels, kubernetes, which are none of the default)
#   ONLY='session_*'       only the programs of that name
#   TEST_TIMEOUT=1200      seconds for one program; lint, which gets what the others leave of the CPUs, has three times that
#   TEST_JOBS=3            programs at once; one more than there are CPUs, as most wait more than they compute
#   TEST_ROOT=DIRECTORY    another tree's tests (test/cni/runner.bats)
#
# Programs of all levels run side by side: first those that wait, the long ones before the short ones, then those that only
# compute. What measures time runs at the end, alone: a bats file with the line "# bats file_tags=alone".
#
# Outputs are kept under build/test-logs/. The last line is "N passed, N failed" or
# "N passed, N failed, N skipped"; the exit status is 0 only if nothing failed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "${TEST_ROOT:-$here/..}"
# shellcheck source=scripts/lib.sh
. "$here/../scripts/lib.sh"

LEVELS=${LEVEL:-lint unit bpf cni e2e}
ONLY=${ONLY:-*}
TEST_TIMEOUT=${TEST_TIMEOUT:-1200}
TEST_JOBS=${TEST_JOBS:-$(($(nproc) + 1))}
LOGS=$PWD/build/test-logs
passed=0 failed=0 skipped=0
declare -A running=() started=()  # by process: its program, as LEVEL/NAME, and when it began
declare -A left=() began=()       # by level: how many programs have not ended, and when the first one began
together=() beside=() alone=()    # programs to run, each as "LEVEL NAME COMMAND..."

# The tests' environment. The cache has cnitool and a static busybox. Unit and plugin tests run programs with sanitizers; what containers see in
# the end-to-end tests is the static program that is shipped.
export PATH=$CACHE/bin:$PATH:/usr/local/sbin:/usr/sbin:/sbin
export CMOCKA_MESSAGE_OUTPUT=TAP
export ASAN_OPTIONS=detect_leaks=1:exitcode=99:abort_on_error=0
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1:exitcode=99
export LC_ALL=C.UTF-8

# programs LEVEL: what runs there, a line each: its name, then the command.
programs() {
	local file
	case $1 in
	lint) echo "lint scripts/lint.sh" ;;
	unit | bpf)
		for file in build/sanitize/test/"$1"/*_test; do
			[ ! -x "$file" ] || echo "$(basename "$file") $file"
		done
		;;
	cni | e2e | kubernetes)
		# A longer file takes longer, about.
		for file in $(find "test/$1" -maxdepth 1 -name '*.bats' -printf '%s %p\n' | sort -k 1,1nr -k 2 | cut -d ' ' -f 2); do
			echo "$(basename "$file" .bats) bats --tap $file"
		done
		;;
	kernels)
		for file in 5.10 6.1 6.12; do
			echo "linux-$file test/kernels/boot.sh $file"
		done
		;;
	*) die "no level $1; there are: lint unit bpf cni e2e kernels kubernetes" ;;
	esac
}

# What the build should have made: a test that does not compile any more must not vanish.
sources() {
	case $1 in
	unit | bpf) find "test/$1" -name '*_test.c' | wc -l ;;
	*) programs "$1" | wc -l ;;
	esac
}

needs_root() {
	case $1 in bpf | cni | e2e | kubernetes) [ "$(id -u)" != 0 ] ;; *) false ;; esac
}

level_environment() {
	case $1 in
	e2e | kubernetes) export RINGFENCE=$PWD/build/static/ringfence RINGFENCECTL=$PWD/build/static/ringfencectl ;;
	*) export RINGFENCE=$PWD/build/sanitize/ringfence RINGFENCECTL=$PWD/build/sanitize/ringfencectl ;;
	esac
}

stop() {
	trap '' INT TERM HUP
	set +e
	if [ ${#running[@]} -gt 0 ]; then
		kill -TERM "${!running[@]}" 2>/dev/null
		wait "${!running[@]}"
	fi
	echo "interrupted" >&2
	exit 130
}
trap stop INT TERM HUP

elapsed() { # SINCE: seconds with a tenth
	local now=${EPOCHREALTIME/[.,]/} since=${1/[.,]/}
	printf '%d.%d s' $(((now - since) / 1000000)) $(((now - since) / 100000 % 10))
}

add_failure() {
	echo "FAIL $*"
	failed=$((failed + 1))
}

# In the background, so that a signal reaches the trap at once; `timeout` gives it a process group.
start_program() { # LEVEL NAME COMMAND...
	local level=$1 name=$2 log=$LOGS/$1-$2 patience=$TEST_TIMEOUT
	shift 2
	level_environment "$level"
	if [ "$level" = lint ]; then
		patience=$((3 * TEST_TIMEOUT))
		set -- nice "$@"
	fi
	began[$level]=${began[$level]:-$EPOCHREALTIME}
	timeout -k 30 "$patience" "$@" </dev/null >"$log.out" 2>"$log.err" &
	running[$!]=$level/$name started[$!]=$EPOCHREALTIME
}

# Waits for one of those that run, and reports it.
finish_program() {
	local level name log process status=0 p f s verdict
	wait -n -p process "${!running[@]}" || status=$?
	level=${running[$process]%%/*} name=${running[$process]#*/}
	log=$LOGS/$level-$name
	unset "running[$process]"
	verdict=$(awk -v name="$level/$name" -v status="$status" -v skips="$LOGS/skipped" \
		-v errors="$log.err" -f "$here/tap.awk" "$log.out")
	read -r p f s <<<"$(tail -n 1 <<<"$verdict")"
	sed '$d' <<<"$verdict"
	printf '%-5s %-28s %4d passed %3d failed %3d skipped %10s\n' "$level" "$name" "$p" "$f" "$s" \
		"$(elapsed "${started[$process]}")"
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	left[$level]=$((left[$level] - 1))
	[ "${left[$level]}" != 0 ] || echo "$level took $(elapsed "${began[$level]}")"
}

# queue LEVEL: puts its programs among those to run.
queue() {
	local level=$1 name command expected count=0
	if needs_root "$level"; then
		add_failure "$level: needs root: sudo make test LEVEL=$level"
		return
	fi
	expected=$(sources "$level")
	left[$level]=0
	while read -r name command; do
		count=$((count + 1))
		# shellcheck disable=SC2053 # a pattern
		[[ $name == $ONLY ]] || continue
		left[$level]=$((left[$level] + 1))
		case $level in
		lint) beside+=("$level $name $command") ;;
		kernels | kubernetes) alone+=("$level $name $command") ;;
		*)
			if grep -qsx '# bats file_tags=alone' "${command##* }"; then
				alone+=("$level $name $command")
			else
				together+=("$level $name $command")
			fi
			;;
		esac
	done < <(programs "$level")
	if [ "$count" = 0 ]; then
		add_failure "$level: no tests"
	elif [ "$count" -lt "$expected" ]; then
		add_failure "$level: $count programs of $expected are built"
	fi
}

# run_programs JOBS PROGRAM...: so many of them at once; lint, which takes the CPUs that the others leave, is none of these
run_programs() {
	local jobs=$1 program
	local -a words
	shift
	for program; do
		while [ $((${#running[@]} - ${left[lint]:-0})) -ge "$jobs" ]; do
			finish_program
		done
		read -ra words <<<"$program"
		start_program "${words[@]}"
	done
}

finish_all() {
	while [ ${#running[@]} -gt 0 ]; do
		finish_program
	done
}

rm -rf "$LOGS"
mkdir -p "$LOGS"
: >"$LOGS/skipped"
for level in $LEVELS; do
	programs "$level" >/dev/null
done
for level in lint e2e cni bpf unit kernels kubernetes; do
	[[ " $LEVELS " != *" $level "* ]] || queue "$level"
done
run_programs 1 "${beside[@]}"
run_programs "$TEST_JOBS" "${together[@]}"
finish_all
run_programs 1 "${alone[@]}"
finish_all

if [ "$skipped" -gt 0 ]; then
	echo "skipped:"
	sed 's/^/  /' "$LOGS/skipped"
fi
if [ "$((passed + failed + skipped))" = 0 ]; then
	add_failure "no test ran"
fi
if [ "$skipped" -gt 0 ]; then
	echo "$passed passed, $failed failed, $skipped skipped"
else
	echo "$passed passed, $failed failed"
fi
[ "$failed" = 0 ]
