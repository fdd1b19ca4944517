# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Shared by the scripts; sourced.

# Where things go that are fetched or built once and are no part of the tree.
# shellcheck disable=SC2034 # for those who source this
CACHE=${RINGFENCE_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/ringfence}

# What the scripts tell goes to stderr: stdout is for results.
say() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
}

die() {
	say "$*"
	exit 1
}

have() {
	command -v "$1" >/dev/null 2>&1
}

# at_least WANTED VERSION: 1.24 1.26.8 holds, 1.24 1.9 does not.
at_least() {
	[ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]
}

# lock NAME: one at a time from here to the end of the script.
lock() {
	mkdir -p "$CACHE"
	exec {LOCK_FD}>"$CACHE/$1.lock"
	flock "$LOCK_FD"
}
