#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# setup.sh GROUP...: installs what is missing on Debian 12 or Ubuntu 22.04 and later, and says what.
#
#   build       what `make` and `make static` need
#   demo        what `make demo` needs besides
#   test        what `make test` needs besides
#   e2e         what its level e2e needs besides: container runtimes
#   kernels     what its level kernels needs besides: qemu, and the kernels
#   kubernetes  what its level kubernetes needs besides: Kubernetes
#
# With everything there it does nothing. Packages come by apt and need root; a package that would
# remove another one is refused. What no package has, or only an older one than is needed, is built
# into the cache (scripts/lib.sh).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"

GROUPS_THERE="build demo test e2e kernels kubernetes"
CNI_MODULE=github.com/containernetworking/cni
CNI_PLUGINS_MODULE=github.com/containernetworking/plugins
CNI_PLUGINS_VERSION=v1.9.0
CONTAINERD_MODULE=github.com/containerd/containerd/v2
CONTAINERD_VERSION=v2.1.4
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin:/usr/local/go/bin

# A line for each package. With a command, whoever provides that will do.
packages() {
	case $1 in
	build) cat <<-END ;;
		gcc gcc
		libc6-dev
		linux-libc-dev
		binutils strip
		make make
		pkg-config pkg-config
		clang clang
		llvm llvm-strip
		bpftool bpftool
		libbpf-dev
		libcjson-dev
		libnl-3-dev
		libelf-dev
		zlib1g-dev
		dpkg-dev dpkg-source
	END
	demo) cat <<-END ;;
		containernetworking-plugins
		iproute2 ip
		jq jq
		ncat ncat
		iputils-ping ping
	END
	test) cat <<-END ;;
		libcmocka-dev
		bats bats
		clang-format clang-format
		clang-tidy clang-tidy
		cppcheck cppcheck
		shellcheck shellcheck
		mandoc mandoc
		git git
		ca-certificates
		strace strace
		python3 /usr/bin/python3
		jq jq
		containernetworking-plugins
		iproute2 ip
		iputils-ping ping
		ncat ncat
		socat socat
	END
	e2e) cat <<-END ;;
		containerd containerd
		runc runc
		python3 /usr/bin/python3
		python3-grpcio
		python3-protobuf
		protobuf-compiler protoc
		podman podman
		iptables iptables
	END
	kernels) cat <<-END ;;
		qemu-system-x86 qemu-system-x86_64
		iproute2 ip
		util-linux setpriv
		xz-utils xz
	END
	kubernetes) cat <<-END ;;
		containerd containerd
		runc runc
		nftables nft
		openssl openssl
	END
	*) die "no group $1; there are: $GROUPS_THERE" ;;
	esac
}

installed() { # PACKAGE
	# shellcheck disable=SC2016 # dpkg-query's variables
	[[ $(dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null) =~ (^|[[:space:]])installed ]]
}

candidate() { # PACKAGE: apt can install it
	[[ $(apt-cache policy "$1" 2>/dev/null) == *'Candidate: '[!\(]* ]]
}

bpftool_works() {
	bpftool version >/dev/null 2>&1 || compgen -G '/usr/lib/linux-tools/*/bpftool' >/dev/null
}

missing_packages() { # GROUP...
	local group package command
	for group; do
		while read -r package command; do
			case $package in
			bpftool) bpftool_works || echo bpftool ;;
			*) { [ -n "$command" ] && have "$command"; } || installed "$package" || echo "$package" ;;
			esac
		done < <(packages "$group")
		case $group in
		test | e2e | kubernetes) have go || echo golang-go ;;
		esac
	done | sort -u
}

# Where the distribution has it under another name.
resolve() {
	local package
	while read -r package; do
		case $package in
		bpftool) bpftool_package ;;
		golang-go) newest_go ;;
		*) echo "$package" ;;
		esac
	done
}

bpftool_package() {
	if candidate bpftool; then
		echo bpftool
		return
	fi
	echo linux-tools-common # Ubuntu
	if candidate "linux-tools-$(uname -r)"; then
		echo "linux-tools-$(uname -r)"
	else
		echo linux-tools-generic
	fi
}

newest_go() {
	local version
	for version in 1.26 1.25 1.24; do
		if candidate "golang-$version-go"; then
			echo "golang-$version-go"
			return
		fi
	done
	echo golang-go
}

install_packages() { # GROUP...
	local -a missing
	mapfile -t missing < <(missing_packages "$@")
	[ ${#missing[@]} -gt 0 ] || return 0
	have apt-get || die "missing: ${missing[*]}, and there is no apt-get to install them"
	if [ "$(id -u)" != 0 ]; then
		mapfile -t missing < <(printf '%s\n' "${missing[@]}" | resolve)
		die "missing packages; as root: apt-get update && apt-get install ${missing[*]}"
	fi
	export DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l
	say "updating the package lists"
	apt-get -q update >&2
	mapfile -t missing < <(printf '%s\n' "${missing[@]}" | resolve)
	say "installing: ${missing[*]}"
	apt-get -q install -y --no-install-recommends --no-remove "${missing[@]}" >&2
}

# cnitool drives plugins as a runtime does. 1.3.0 has the verbs gc and status and needs a recent Go;
# tests that need them skip with the older one.
install_cnitool() {
	local version=v1.3.0 go
	go=$(newest_go_command) || die "no go command"
	recent_go "$go" || version=v1.1.2
	[ "$(readlink "$CACHE/bin/cnitool")" = "../cnitool-$version/cnitool" ] && return
	say "building cnitool $version into $CACHE"
	GOFLAGS=-modcacherw GOBIN=$CACHE/cnitool-$version "$go" install "$CNI_MODULE/cnitool@$version"
	ln -sfn "../cnitool-$version/cnitool" "$CACHE/bin/cnitool"
}

# A runtime's garbage collection, which knows pods: cnitool's gc does not.
install_collect() {
	local source=$here/../test/cni/collect.go directory go
	directory=collect-$(sha256sum "$source" | cut -c 1-12)
	[ "$(readlink "$CACHE/bin/collect")" != "../$directory/collect" ] || return 0
	go=$(newest_go_command) && recent_go "$go" || return 0
	say "building test/cni/collect.go into $CACHE"
	"$here/go-module.sh" "$go" "$CNI_MODULE@v1.3.0" "$CACHE/$directory" "$source"
	ln -sfn "../$directory/collect" "$CACHE/bin/collect"
}

# Plugins that know CNI 1.1.0; those of Debian 12 end at 1.0.0.
install_cni_plugins() {
	local directory=cni-plugins-$CNI_PLUGINS_VERSION go
	[ "$(readlink "$CACHE/cni-plugins")" != "$directory" ] || return 0
	go=$(newest_go_command) && recent_go "$go" || return 0
	say "building the CNI plugins $CNI_PLUGINS_VERSION into $CACHE"
	GOFLAGS=-modcacherw CGO_ENABLED=0 GOBIN=$CACHE/$directory "$go" install -ldflags '-s -w' \
		"$CNI_PLUGINS_MODULE"/plugins/{main/bridge,main/loopback,ipam/host-local}@"$CNI_PLUGINS_VERSION"
	ln -sfn "$directory" "$CACHE/cni-plugins"
}

# A containerd of today, beside the distribution's.
install_containerd() {
	local directory=containerd-$CONTAINERD_VERSION go
	[ "$(readlink "$CACHE/containerd")" != "$directory" ] || return 0
	go=$(newest_go_command) && recent_go "$go" || return 0
	say "building containerd $CONTAINERD_VERSION into $CACHE; that takes a minute or two"
	"$here/go-module.sh" "$go" "$CONTAINERD_MODULE@$CONTAINERD_VERSION" "$CACHE/$directory" \
		./cmd/containerd ./cmd/containerd-shim-runc-v2
	ln -sfn "$directory" "$CACHE/containerd"
}

# With an older one its tests skip.
recent_go() { # GO
	at_least 1.24 "$("$1" env GOVERSION | sed 's/^go//')"
}

newest_go_command() {
	local go
	for go in go /usr/lib/go-1.*/bin/go; do
		if have "$go"; then
			printf '%s %s\n' "$("$go" env GOVERSION | sed 's/^go//')" "$go"
		fi
	done | sort -V | tail -n 1 | cut -d' ' -f2 | grep .
}

# A static busybox is the userland of the test's container images. The package conflicts with the
# dynamic busybox that many machines have, so it is unpacked and not installed.
install_busybox() {
	[ ! -x "$CACHE/bin/busybox" ] || return 0
	if installed busybox-static; then
		ln -sfn "$(command -v busybox)" "$CACHE/bin/busybox"
		return
	fi
	unpack busybox-static busybox
}

# unpack PACKAGE PROGRAM: into the cache, where installing it would change more than the tests need
unpack() {
	local tmp
	say "unpacking $1 into $CACHE"
	tmp=$(mktemp -d)
	# shellcheck disable=SC2064 # this directory
	trap "rm -rf '$tmp'" EXIT
	chmod 755 "$tmp"
	(cd "$tmp" && apt-get -q -o APT::Sandbox::User=root download "$1" >&2 &&
		dpkg-deb -x ./*.deb tree) ||
		die "cannot fetch the package $1; after apt-get update it may work"
	install -m 755 "$(find "$tmp/tree" -type f -path "*/bin/$2")" "$CACHE/bin/$2"
	rm -rf "$tmp"
}

# The package would start a server.
install_etcd() {
	[ -x "$CACHE/bin/etcd" ] || unpack etcd-server etcd
}

install_kubernetes() {
	local go tree
	go=$(newest_go_command) || die "no go command"
	flock -u "$LOCK_FD" # it has a lock of its own: nobody else need wait for minutes
	tree=$(GO=$go "$here/../test/kubernetes/build.sh")
	ln -sfn "$(basename "$tree")" "$CACHE/kubernetes"
}

# Ubuntu 22.04 has libbpf 0.5 and bats 1.2. What is too old comes from the next long-term release, as a
# source package from the archives that apt knows.
BACKPORTS=${RINGFENCE_BACKPORTS:-noble}
LIBBPF_NEEDED=1.0
BATS_NEEDED=1.5

backport_libbpf() {
	local tree=$CACHE/libbpf
	at_least "$LIBBPF_NEEDED" "$(pkg-config --modversion libbpf)" && return
	[ ! -e "$tree/lib/pkgconfig/libbpf.pc" ] || return 0
	say "libbpf is older than $LIBBPF_NEEDED: building that of $BACKPORTS in $tree"
	"$here/apt-source.sh" libbpf "$tree.source" "$BACKPORTS"
	make -s -C "$tree.source/src" BUILD_STATIC_ONLY=1 PREFIX="$tree" LIBDIR="$tree/lib" \
		CFLAGS='-O2 -g -fPIC -fstack-protector-strong -D_FORTIFY_SOURCE=2' install >&2
	rm -rf "$tree.source"
}

backport_bats() {
	local version
	version=$(bats --version)
	at_least "$BATS_NEEDED" "${version##* }" && return
	[ ! -x "$CACHE/bin/bats" ] || return 0
	say "bats is older than $BATS_NEEDED: installing that of $BACKPORTS in $CACHE"
	"$here/apt-source.sh" bats "$CACHE/bats.source" "$BACKPORTS"
	"$CACHE/bats.source/install.sh" "$CACHE/bats" >&2
	ln -sfn ../bats/bin/bats "$CACHE/bin/bats"
	rm -rf "$CACHE/bats.source"
}

[ $# -gt 0 ] || die "usage: $0 GROUP... ($GROUPS_THERE)"
for group; do
	packages "$group" >/dev/null
done
install_packages "$@"
lock setup
case " $* " in
*' build '*) backport_libbpf ;;
esac
case " $* " in
*' test '*)
	mkdir -p "$CACHE/bin"
	backport_bats
	install_cnitool
	install_collect
	install_cni_plugins
	;;
esac
case " $* " in
*' e2e '*)
	mkdir -p "$CACHE/bin"
	install_busybox
	install_containerd
	;;
esac
case " $* " in
*' kernels '*)
	mkdir -p "$CACHE/bin"
	install_busybox
	"$here/kernels.sh"
	;;
esac
case " $* " in
*' kubernetes '*)
	mkdir -p "$CACHE/bin"
	install_busybox
	install_etcd
	install_kubernetes
	;;
esac
