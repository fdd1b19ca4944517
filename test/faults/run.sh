#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Faults in each system call of the plugin; `make test-faults` calls it after set-up and build.
#
#   ONLY='^del-tcx unlink'   only faults whose name matches: SCENARIO CALL NUMBER FAULT
#   SCENARIO='^add-'         only these scenarios (test/faults/scenarios.py)
#   EVERY=50 SEED=7          a sample: every 50th, from the 7th on
#   LABS=2                   how many at a time, each in a host of its own
#
# The last line is "N passed, N failed".
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=scripts/lab.sh
. "$ROOT/scripts/lab.sh"
LABS=${LABS:-$(nproc)}
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
directory=$(mktemp -d)
workers=()

# shellcheck disable=SC2317 # the trap calls it
finish() {
	trap - EXIT
	((${#workers[@]} == 0)) || kill "${workers[@]}" 2>/dev/null || true
	wait
	rm -rf "$directory"
}
trap finish EXIT
trap 'exit 130' INT TERM HUP

in_lab() { # NUMBER
	trap lab_stop EXIT
	trap 'exit 130' INT TERM HUP
	lab_start
	# In the background, so that a signal reaches the trap at once.
	lab env "RINGFENCE=${RINGFENCE:-$ROOT/build/static/ringfence}" "ROOT=$ROOT" "KERNEL_TOOL=$ROOT/build/test/cni/kernel" \
		"LAB_DIRECTORY=$LAB_DIRECTORY" PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 "$ROOT/test/faults/faults.py" \
		--lab "$1" --labs "$LABS" --every "${EVERY:-1}" --seed "${SEED:-0}" --only "${ONLY:-}" --scenario "${SCENARIO:-}" \
		--totals "$directory/$1" 2>&1 &
	wait "$!"
}

status=0
for ((number = 0; number < LABS; number++)); do
	in_lab "$number" &
	workers+=($!)
done
for worker in "${workers[@]}"; do
	wait "$worker" || status=1
done
workers=()
# A worker that died has not said how many.
touch "$directory/none"
cat "$directory"/* | awk -v labs="$LABS" '{ passed += $1; failed += $2 }
	END { failed += labs - NR; printf "%d passed, %d failed\n", passed, failed; exit failed > 0 || passed == 0 }' || status=1
exit "$status"
