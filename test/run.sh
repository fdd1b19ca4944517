#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs what is built, level by level; `make test` calls it after set-up and build.
#
#   LEVEL="unit bpf"       these levels only (lint unit bpf cni e2e; and kernels, kubernetes, which are none of the default)
#   ONLY='session_*'       only the programs of that name
#   TEST_TIMEOUT=600       seconds for one program
#   TEST_JOBS=2            programs at once, in the levels whose tests wait more than they compute; as many as there are CPUs
#   TEST_ROOT=DIRECTORY    another tree's tests (test/cni/runner.bats)
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
TEST_TIMEOUT=${TEST_TIMEOUT:-600}
LOGS=$PWD/build/test-logs
passed=0 failed=0 skipped=0
declare -A running=() started=() # by process: its program's name, and when it began

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
		for file in test/"$1"/*.bats; do
			[ ! -f "$file" ] || echo "$(basename "$file" .bats) bats --tap $file"
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

# Each test has its own namespaces, so programs do not meet.
jobs_of() { # LEVEL
	case $1 in
	cni | e2e) echo "${TEST_JOBS:-$(nproc)}" ;;
	*) echo 1 ;;
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
	local log=$LOGS/$1-$2 name=$2
	shift 2
	timeout -k 30 "$TEST_TIMEOUT" "$@" </dev/null >"$log.out" 2>"$log.err" &
	running[$!]=$name started[$!]=$EPOCHREALTIME
}

# Waits for one of those that run, and reports it.
finish_program() { # LEVEL
	local level=$1 name log process status=0 p f s verdict
	wait -n -p process "${!running[@]}" || status=$?
	name=${running[$process]} log=$LOGS/$1-${running[$process]}
	unset "running[$process]"
	verdict=$(awk -v name="$level/$name" -v status="$status" -v skips="$LOGS/skipped" \
		-v errors="$log.err" -f "$here/tap.awk" "$log.out")
	read -r p f s <<<"$(tail -n 1 <<<"$verdict")"
	sed '$d' <<<"$verdict"
	printf '%-5s %-28s %4d passed %3d failed %3d skipped %10s\n' "$level" "$name" "$p" "$f" "$s" \
		"$(elapsed "${started[$process]}")"
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

one_level() { # LEVEL
	local level=$1 name line start=$EPOCHREALTIME expected count=0 jobs
	local -a command
	if needs_root "$level"; then
		add_failure "$level: needs root: sudo make test LEVEL=$level"
		return
	fi
	level_environment "$level"
	expected=$(sources "$level") jobs=$(jobs_of "$level")
	while read -r -u 3 name line; do
		count=$((count + 1))
		# shellcheck disable=SC2053 # a pattern
		[[ $name == $ONLY ]] || continue
		[ ${#running[@]} -lt "$jobs" ] || finish_program "$level"
		read -ra command <<<"$line"
		start_program "$level" "$name" "${command[@]}"
	done 3< <(programs "$level")
	while [ ${#running[@]} -gt 0 ]; do
		finish_program "$level"
	done
	if [ "$count" = 0 ]; then
		add_failure "$level: no tests"
	elif [ "$count" -lt "$expected" ]; then
		add_failure "$level: $count programs of $expected are built"
	fi
	echo "$level took $(elapsed "$start")"
}

rm -rf "$LOGS"
mkdir -p "$LOGS"
: >"$LOGS/skipped"
for level in $LEVELS; do
	programs "$level" >/dev/null
done
for level in $LEVELS; do
	one_level "$level"
done

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
