#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# go-module.sh GO MODULE@VERSION DIRECTORY PACKAGE...: builds the module's packages (as ./cmd/x) into DIRECTORY.
#
# For modules that `go install` refuses since their go.mod excludes or replaces others: here they are the requirement of a
# module of our own. DIRECTORY appears when all is built.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"

[ $# -ge 4 ] || die "usage: $0 GO MODULE@VERSION DIRECTORY PACKAGE..."
go=$1 module=$2 directory=$3
shift 3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cd "$work"
export GOFLAGS='-modcacherw -mod=mod -trimpath -buildvcs=false' GOWORK=off CGO_ENABLED=0
mkdir built
"$go" mod init ringfence.test/runtime 2>/dev/null
"$go" get "$module" >&2
"$go" build -ldflags '-s -w' -o built/ "${@/#./${module%@*}}"
rm -rf "$directory"
mkdir -p "$(dirname "$directory")"
cp -r built "$directory.new"
mv "$directory.new" "$directory"
