# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Which packages each group of setup.sh needs, and installing those that are missing; sourced.

GROUPS_THERE="build demo test e2e kernels kubernetes"

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
		tmux tmux
		zsh zsh
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
