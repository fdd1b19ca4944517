#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# apt-source.sh PACKAGE[=VERSION] DIRECTORY [RELEASE]
#
# Unpacks a Debian source package, the distribution's patches applied, as DIRECTORY. Needs neither root
# nor deb-src entries: it asks the machine's own archives for sources with an apt configuration in a
# temporary directory, so that signatures are checked as always and /etc/apt is not touched. With
# RELEASE (a codename) it is that release's package instead of the installed one's.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"

[ $# = 2 ] || [ $# = 3 ] || die "usage: $0 PACKAGE[=VERSION] DIRECTORY [RELEASE]"
package=$1
target=$2
release=${3:-}
have dpkg-source || die "dpkg-source is missing: apt-get install dpkg-dev"

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
mkdir -p "$tmp/lists/partial" "$tmp/archives/partial" "$tmp/parts" "$tmp/download"
chmod 755 "$tmp"
if [ "$(id -u)" = 0 ] && id _apt >/dev/null 2>&1; then
	chown _apt "$tmp/download" # apt fetches as that user
fi

# Every entry for binary packages, as one for sources. Options such as signed-by stay as they are.
eval "$(apt-config shell list Dir::Etc::sourcelist/f parts Dir::Etc::sourceparts/d)"
: "${list:=}" "${parts:=}"
for file in "$list" "$parts"/*.list; do
	[ -f "$file" ] || continue
	sed -nE '/cdrom:/d; s/^deb(-src)?[[:space:]]+/deb-src /p' "$file"
done | sort -u >"$tmp/parts/sources.list"
for file in "$parts"/*.sources; do
	[ -f "$file" ] || continue
	sed -E 's/^Types:.*/Types: deb-src/' "$file" >"$tmp/parts/${file##*/}"
done
if [ -n "$release" ]; then
	codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
	sed -i -E "s/([[:space:]])${codename:?}\\b/\\1$release/g" "$tmp"/parts/*
fi

apt=(apt-get -q -o "Dir::State::lists=$tmp/lists" -o "Dir::Cache=$tmp" -o Dir::Etc::sourcelist=/dev/null
	-o "Dir::Etc::sourceparts=$tmp/parts" -o APT::Get::List-Cleanup=0)
cd "$tmp/download"
if ! "${apt[@]}" update >"$tmp/log" 2>&1 ||
	! "${apt[@]}" source --download-only "$package" >>"$tmp/log" 2>&1; then
	cat "$tmp/log" >&2
	die "no source of $package from the archives of this machine"
fi
dpkg-source --no-copy -x ./*.dsc "$tmp/tree" >"$tmp/log" 2>&1 || {
	cat "$tmp/log" >&2
	die "cannot unpack the source of $package"
}
mkdir -p "$(dirname "$target")"
rm -rf "$target"
mv "$tmp/tree" "$target"
