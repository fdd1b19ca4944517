#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Formats, static analysis and rules of the tree, as TAP: a line for each check. `make lint`.
# It reads the files that git tracks or would track. The skeletons must be built.
#
#   lint.sh format   rewrites the C files as clang-format wants them
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh
PATH=$PATH:/usr/sbin:/sbin

# Another version formats and warns differently; elsewhere than on Debian 12 the check is skipped.
LLVM_MAJOR=14
JOBS=$(nproc)
OUT=$(mktemp -d)
trap 'rm -rf "$OUT"' EXIT

files() { # PATTERN...: tracked or new files of these names, that exist
	git -c safe.directory='*' ls-files -co --exclude-standard -- "$@" | while read -r file; do
		[ ! -f "$file" ] || echo "$file"
	done
}

is_llvm() { # COMMAND
	have "$1" && [[ $("$1" --version) == *"version $LLVM_MAJOR."* ]]
}

llvm_tool() { # NAME
	if is_llvm "$1-$LLVM_MAJOR"; then
		echo "$1-$LLVM_MAJOR"
	elif is_llvm "$1"; then
		echo "$1"
	fi
}

number=0 failures=0

# check NAME COMMAND...: passes if the command succeeds; its output is shown if it does not.
check() {
	local name=$1
	shift
	number=$((number + 1))
	if "$@" >"$OUT/log" 2>&1; then
		echo "ok $number - $name"
	else
		echo "not ok $number - $name"
		sed 's/^/# /' "$OUT/log"
		failures=$((failures + 1))
	fi
}

skip() { # NAME REASON
	number=$((number + 1))
	echo "ok $number - $1 # skip $2"
}

format() {
	files '*.c' '*.h' | xargs -r "$clang_format" "$@"
}

# tidy FLAGS PATTERN...: clang-tidy over the files, on all cores; prints the findings.
tidy() {
	export flags=$1 clang_tidy OUT
	export -f tidy_one
	shift
	# shellcheck disable=SC2016 # expanded by the shells that xargs starts
	files "$@" | xargs -r -P "$JOBS" -I '{}' bash -c 'tidy_one "$1"' tidy '{}'
}

tidy_one() { # FILE
	local findings=$OUT/tidy.$$
	# shellcheck disable=SC2086 # flags are several words
	"$clang_tidy" --quiet "$1" -- $flags >"$findings" 2>"$findings.err" && return
	cat "$findings"
	grep -v 'warnings\{0,1\} generated' "$findings.err"
	return 1
}

tidy_user_space() {
	# What is generated is not ours to mend.
	tidy "-std=gnu17 ${user_flags/-Ibuild/-isystem build}" '*.c' ':!*.bpf.c'
}

tidy_bpf() {
	tidy "$bpf_flags" '*.bpf.c'
}

run_cppcheck() {
	local header headers=build/cppcheck/headers

	# It would spend nearly all its time on the bytes of the programs, a string of a megabyte in each skeleton.
	for header in build/{bpf,bench}/*.h; do
		mkdir -p "$headers/$(basename "${header%/*}")"
		sed '/^\\.*\\$/d' "$header" >"$headers/${header#build/}"
	done
	# libbpf's macro declares a variable.
	files '*.c' ':!*.bpf.c' | cppcheck --quiet -j "$JOBS" --std=c11 --error-exitcode=1 --inline-suppr \
		--enable=warning,style,performance,portability --library=posix --library=gnu \
		--suppressions-list=scripts/cppcheck.suppressions --cppcheck-build-dir=build/cppcheck \
		-I. -I$headers -D_GNU_SOURCE '-DLIBBPF_OPTS(type,name,...)=struct type name = {__VA_ARGS__}' \
		--template='{file}:{line}: {severity}: {message} [{id}]' --file-list=-
}

run_shellcheck() {
	files '*.sh' '*.bats' '*.bash' .ci/run | xargs -r shellcheck -x
}

# JSON and what it is the syntax of has no comments; licence texts are themselves.
licence_lines() {
	local file wanted bad=0
	while read -r file; do
		case $file in
		*.json | *.conflist | *.conf | LICENSE | LICENSES/* | *.pcap | *.bin | test/fuzz/corpus/*) continue ;;
		bpf/* | *.bpf.c) wanted='SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause' ;;
		*) wanted='SPDX-License-Identifier: Apache-2.0' ;;
		esac
		if ! head -n 5 "$file" | grep -qF "$wanted"; then
			echo "$file: no line \"$wanted\" among its first five"
			bad=1
		fi
	done < <(files)
	return $bad
}

# Nothing of the machine that it was written on, and no host of a package registry. (The brackets keep
# the patterns from finding themselves.)
foreign_names() {
	local paths='(^|[^[:alnum:]_.})-])/(wor[k]|hom[e]|roo[t])/[[:alnum:]_.]'
	local hosts='(deb|security|snapshot)[.]debian[.]org|archive[.]ubuntu[.]com|(proxy|sum)[.]golang[.]org'
	hosts+='|https?://(proxy|registry|deb|security|files|static|index|sum)[.]|pypi[.]org|registry[.]npmjs'
	! files | xargs -r grep -InE -- "$paths|$hosts"
}

parse_python() {
	files '*.py' | python3 -c 'import ast, sys
for name in sys.stdin.read().split():
    ast.parse(open(name).read(), name)'
}

manual() {
	files 'man/*' | xargs -r mandoc -T lint -W warning
}

clang_format=$(llvm_tool clang-format)
clang_tidy=$(llvm_tool clang-tidy)
if [ "${1:-}" = format ]; then
	[ -n "$clang_format" ] || die "clang-format $LLVM_MAJOR is needed"
	format -i
	exit
fi
{ read -r user_flags && read -r bpf_flags; } < <(make -s --no-print-directory lint-flags)

echo 1..9
if [ -n "$clang_format" ]; then
	check "clang-format" format --dry-run -Werror
else
	skip "clang-format" "clang-format $LLVM_MAJOR is not here"
fi
if [ -n "$clang_tidy" ]; then
	check "clang-tidy, user space" tidy_user_space
	check "clang-tidy, programs" tidy_bpf
else
	skip "clang-tidy, user space" "clang-tidy $LLVM_MAJOR is not here"
	skip "clang-tidy, programs" "clang-tidy $LLVM_MAJOR is not here"
fi
check "cppcheck" run_cppcheck
check "shellcheck" run_shellcheck
check "licence lines" licence_lines
check "no paths of a machine, no hosts of registries" foreign_names
check "python" parse_python
check "manual pages" manual
[ "$failures" = 0 ]
