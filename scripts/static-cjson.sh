#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Prints the path of a libcjson.a for the static build. No distribution packages one, so it is made
# from the source package of the libcjson-dev that is installed, security patches included, once for
# each version; it stays in the cache, outside of the tree.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"

# shellcheck disable=SC2016 # dpkg-query's variables
version=$(dpkg-query -W -f '${source:Version}' libcjson-dev 2>/dev/null) || version=
[ -n "$version" ] || die "libcjson-dev is not installed: scripts/setup.sh build"
cc=${CC:-gcc}
dir=$CACHE/cjson/$version-$($cc -dumpmachine)
lock cjson
if [ ! -f "$dir/libcjson.a" ]; then
	mkdir -p "$dir"
	say "building libcjson.a of cjson $version in $dir"
	# The archives keep the newest version only; the library's interface is the same in a release.
	"$here/apt-source.sh" "cjson=$version" "$dir/source" 2>"$dir.log" ||
		"$here/apt-source.sh" cjson "$dir/source" || die "see $dir.log"
	rm -f "$dir.log"
	"$cc" -O2 -fPIC -fstack-protector-strong -D_FORTIFY_SOURCE=2 -Wformat -Werror=format-security \
		-ffile-prefix-map="$dir/source"=cjson -c "$dir/source/cJSON.c" -o "$dir/cJSON.o"
	ar rcs "$dir/libcjson.a.new" "$dir/cJSON.o"
	mv "$dir/libcjson.a.new" "$dir/libcjson.a"
	rm -rf "$dir/source" "$dir/cJSON.o"
fi
echo "$dir/libcjson.a"
