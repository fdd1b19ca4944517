#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# initramfs.sh SERIES FILE: what the kernel of that series boots into: the static programs, a userland, the kernel's modules, and
# guest.sh as its first process.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/../../scripts/lib.sh"
PATH=$PATH:/usr/sbin:/sbin

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree"/{bin,dev,proc,sys,run,tmp,etc,modules}

# add PROGRAM...: with the libraries that it needs
add() {
	local program library
	for program; do
		cp -L "$(command -v "$program")" "$tree/bin/"
		ldd "$(command -v "$program")" | grep -oE '/[^ ]+' | while read -r library; do
			[ -e "$tree$library" ] || install -D "$(readlink -f "$library")" "$tree$library"
		done
	done
}

add bash ip tc setpriv
for program in "$CACHE/bin/busybox" "$here/../../build/static/ringfence" "$here/../../build/static/ringfencectl"; do
	cp -L "$program" "$tree/bin/"
done
for applet in $("$CACHE/bin/busybox" --list); do
	[ -e "$tree/bin/$applet" ] || ln -s busybox "$tree/bin/$applet"
done
cp "$CACHE/kernels/$1"/modules/*.ko "$tree/modules/"
install -m 755 "$here/guest.sh" "$tree/init"
(cd "$tree" && find . | "$CACHE/bin/busybox" cpio -o -H newc 2>/dev/null | gzip -1) >"$2"
