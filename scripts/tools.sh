# shellcheck shell=bash disable=SC2154 # "here" is setup.sh's
# SPDX-License-Identifier: Apache-2.0
# What no package has, or only an older one than is needed: built or unpacked into the cache, once; sourced by setup.sh.

CNI_MODULE=github.com/containernetworking/cni
CNI_PLUGINS_MODULE=github.com/containernetworking/plugins
CNI_PLUGINS_VERSION=v1.9.0
CONTAINERD_MODULE=github.com/containerd/containerd/v2
CONTAINERD_VERSION=v2.1.4

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
