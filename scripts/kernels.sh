#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# kernels.sh: fetches the kernels that test/kernels boots, once, into the cache: Debian's cloud kernels of the releases below, each
# the newest with its security fixes. They are unpacked, not installed, and /etc/apt is not touched: the archives are those that apt
# knows, with the name of another release. What is needed of a package goes to CACHE/kernels/SERIES/: vmlinuz and modules/*.ko.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"

# The series, and the release of Debian that has it
KERNELS=(5.10:bullseye 6.1:bookworm 6.12:trixie)
META=linux-image-cloud-amd64
MODULES=(veth bridge stp llc cls_bpf sch_ingress)
KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

[ "$(uname -m)" = x86_64 ] || die "the kernels are those of x86-64, and this machine is $(uname -m)"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
chmod 755 "$tmp"

# sources RELEASE: Debian's archives of this machine, as sources of another release
sources() {
	local codename label uri suite
	codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
	# shellcheck disable=SC2016 # apt's variables
	apt-get indextargets --format '$(LABEL) $(REPO_URI) $(RELEASE)' 'Created-By: Packages' | sort -u |
		while read -r label uri suite; do
			case "$label $suite" in
			"Debian $codename" | "Debian-Security $codename-security")
				echo "deb [arch=amd64 signed-by=$KEYRING] $uri ${suite/#$codename/$1} main"
				;;
			esac
		done
}

# private_apt RELEASE COMMAND...: apt-get or apt-cache with lists of that release's packages alone
private_apt() {
	local directory=$tmp/$1
	shift
	"$1" -q -o "Dir::State::lists=$directory/lists" -o "Dir::Cache=$directory" -o "Dir::Etc::sourcelist=$directory/sources.list" \
		-o Dir::Etc::sourceparts=/dev/null -o Acquire::Languages=none -o APT::Sandbox::User=root \
		-o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false "${@:2}"
}

download() { # SERIES RELEASE: leaves the package unpacked in $tmp/RELEASE/tree
	local release=$2 directory=$tmp/$2 package
	mkdir -p "$directory"/{lists,archives}/partial
	sources "$release" >"$directory/sources.list"
	[ -s "$directory/sources.list" ] || die "apt knows no archive of Debian here, so there is no kernel $1; on Debian: apt-get update"
	private_apt "$release" apt-get update >"$tmp/log" 2>&1 || { cat "$tmp/log" >&2; die "no package lists of Debian's $release"; }
	package=$(private_apt "$release" apt-cache depends "$META" | sed -n 's/^ *Depends: \(linux-image-[^ ]*\)$/\1/p' | head -n 1)
	[[ $package == linux-image-$1.* ]] || die "$META of $release is ${package:-not there}, not a kernel $1"
	say "fetching $package"
	(cd "$directory" && private_apt "$release" apt-get download "$package" >"$tmp/log" 2>&1 &&
		dpkg-deb -x "$package"_*.deb tree) || { cat "$tmp/log" >&2; die "cannot fetch $package"; }
}

keep() { # SERIES TREE
	local target=$CACHE/kernels/$1 module file
	rm -rf "$target.new"
	mkdir -p "$target.new/modules"
	cp "$2"/boot/vmlinuz-* "$target.new/vmlinuz"
	for module in "${MODULES[@]}"; do
		file=$(find "$2" -name "$module.ko" -o -name "$module.ko.xz" | grep .) || die "kernel $1 has no module $module"
		case $file in
		*.xz) xz -dc "$file" >"$target.new/modules/$module.ko" ;;
		*) cp "$file" "$target.new/modules/" ;;
		esac
	done
	mv "$target.new" "$target"
}

for kernel in "${KERNELS[@]}"; do
	series=${kernel%:*}
	if [ ! -d "$CACHE/kernels/$series" ]; then
		download "$series" "${kernel#*:}"
		keep "$series" "$tmp/${kernel#*:}/tree"
		rm -rf "${tmp:?}/${kernel#*:}"
	fi
done
