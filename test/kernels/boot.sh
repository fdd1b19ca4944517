#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# boot.sh SERIES: boots that kernel in qemu, without acceleration, and prints what guest.sh reports there, as TAP. What the guest
# writes for humans, and the kernel's messages, follow as comments if something failed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/../../scripts/lib.sh"
PATIENCE=${KERNEL_TIMEOUT:-540} # seconds: a boot with its tests takes one minute on an idle machine

# What must come out: which way `auto` attaches, and what maps are charged to.
case $1 in
5.10) expected="attach=clsact charged=memlock" ;;
6.1) expected="attach=clsact charged=cgroup" ;;
6.12) expected="attach=tcx charged=cgroup" ;;
*) die "no kernel $1; there are: 5.10 6.1 6.12" ;;
esac

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
"$here/initramfs.sh" "$1" "$tmp/initramfs"
: >"$tmp/tap"
status=0
# The first serial line is the console, the second the report. With no disk and no network there is nothing that it could change.
timeout -k 10 "$PATIENCE" qemu-system-x86_64 -accel tcg -cpu max -smp 2 -m 1024 -nodefaults -no-user-config -display none -no-reboot \
	-kernel "$CACHE/kernels/$1/vmlinuz" -initrd "$tmp/initramfs" \
	-append "console=ttyS0 quiet panic=-1 $expected" \
	-serial "file:$tmp/console" -serial "file:$tmp/tap" </dev/null >"$tmp/qemu" 2>&1 || status=$?
tr -d '\r' <"$tmp/tap"
if [ "$status" != 0 ] || ! grep -q '^1\.\.' "$tmp/tap" || grep -q '^not ok' "$tmp/tap"; then
	[ "$status" != 124 ] || echo "# the guest did not end in $PATIENCE s"
	tr -d '\r' <"$tmp/console" | sed 's/^/# /' || true
	sed 's/^/# /' "$tmp/qemu"
fi
exit "$status"
