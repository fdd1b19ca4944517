#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# `make bench`: each table has its baseline in the same run, so that ratios hold on a noisy machine.
#
#   ROUNDS=30  rounds of the benchmarks of processes; a third of them with a million sessions
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(dirname "$HERE")
# shellcheck source=scripts/lab.sh
. "$ROOT/scripts/lab.sh"

[ "$(id -u)" = 0 ] || {
	echo "bench: loads programs and makes network namespaces: run it as root" >&2
	exit 1
}
uname -srm
"$ROOT/build/bench/packet"
echo
lab_start
trap lab_stop EXIT
trap 'exit 130' INT TERM
lab "$HERE/lifecycle.sh" "$ROOT/build/static" "$CNI_PLUGINS" "${ROUNDS:-30}"
echo
lab "$HERE/policy.sh" "$ROOT/build/static" "$CNI_PLUGINS" "${ROUNDS:-30}"
echo
lab "$HERE/sessions.sh" "$ROOT/build/static" "$CNI_PLUGINS" "$ROOT/build" "$(((${ROUNDS:-30} + 2) / 3))"
echo
lab "$HERE/rate.sh" "$ROOT/build/static" "$CNI_PLUGINS" "$ROOT/build/test/cni/bulk"
