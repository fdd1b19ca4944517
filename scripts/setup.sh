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
# into the cache (scripts/tools.sh).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"
# shellcheck source=scripts/packages.sh
. "$here/packages.sh"
# shellcheck source=scripts/tools.sh
. "$here/tools.sh"

PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin:/usr/local/go/bin

[ $# -gt 0 ] || die "usage: $0 GROUP... ($GROUPS_THERE)"
for group; do
	packages "$group" >/dev/null
done
install_packages "$@"
lock setup
mkdir -p "$CACHE/bin"
for group; do
	case $group in
	build) backport_libbpf ;;
	test)
		backport_bats
		install_cnitool
		install_collect
		install_cni_plugins
		;;
	e2e)
		install_busybox
		install_containerd
		;;
	kernels)
		install_busybox
		"$here/kernels.sh"
		;;
	kubernetes)
		install_busybox
		install_etcd
		install_kubernetes
		;;
	esac
done
