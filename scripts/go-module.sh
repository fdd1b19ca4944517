#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# go-module.sh GO MODULE@VERSION DIRECTORY PROGRAM...: builds programs into DIRECTORY, which appears when all are built. A
# program is a package of the module (as ./cmd/x) or a file of ours that imports it (as x.go, which becomes x).
#
# For modules that `go install` refuses since their go.mod excludes or replaces others: here they are the requirement of a
# module of our own.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"

[ $# -ge 4 ] || die "usage: $0 GO MODULE@VERSION DIRECTORY PROGRAM..."
go=$1 module=$2 directory=$3
shift 3
packages=()
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for program; do
	case $program in
	*.go)
		name=$(basename "$program" .go)
		mkdir "$work/$name"
		cp "$program" "$work/$name/"
		packages+=("./$name")
		;;
	*) packages+=("${module%@*}/${program#./}") ;;
	esac
done
cd "$work"
export GOFLAGS='-modcacherw -mod=mod -trimpath -buildvcs=false' GOWORK=off CGO_ENABLED=0
mkdir built
"$go" mod init ringfence.test/runtime 2>/dev/null
"$go" get "$module" >&2
"$go" build -ldflags '-s -w' -o built/ "${packages[@]}"
rm -rf "$directory" "$directory.new"
mkdir -p "$(dirname "$directory")"
cp -r built "$directory.new"
mv "$directory.new" "$directory"
