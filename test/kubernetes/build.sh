#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# build.sh: builds Kubernetes into the cache, once; prints the directory that its programs are in.
# scripts/setup.sh kubernetes calls it. It needs Go 1.24 or later, and minutes.
#
# Kubernetes is made to be built within its own repository. Its module on the proxy does as well, from a module of our own
# that has its requirements and its checksums, and takes the parts that live beside it in the repository from
# their own modules: k8s.io/api v0.34.4 is what k8s.io/kubernetes v1.34.4 has as staging/src/k8s.io/api.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/../../scripts/lib.sh"

KUBERNETES=1.34.4
MODULE=k8s.io/kubernetes
PROGRAMS=(kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy kubectl)
GO=${GO:-go}

# module_file UPSTREAM: the requirements of Kubernetes, with its parts from their own modules
module_file() {
	sed -E -e '/^module /s/.*/module ringfence.test\/kubernetes/' \
		-e "s|^\t(k8s.io/[a-z-]+) => \./staging/src/.*|\t\1 => \1 v0.${KUBERNETES#1.}|" "$1/go.mod"
	echo "require $MODULE v$KUBERNETES"
}

build() { # DIRECTORY: of the module; the programs come into its bin/
	local upstream

	cd "$1"
	upstream=$("$GO" mod download -json "$MODULE@v$KUBERNETES" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
	module_file "$upstream" >go.mod
	install -m 644 "$upstream/go.sum" go.sum
	mkdir bin
	"$GO" build -mod=mod -trimpath -o bin/ \
		-ldflags "-s -w -X k8s.io/component-base/version.gitVersion=v$KUBERNETES" \
		"${PROGRAMS[@]/#/$MODULE/cmd/}"
}

tree=$CACHE/kubernetes-$KUBERNETES
lock kubernetes # beside what setup.sh locks: it may be called without that
if [ ! -d "$tree" ]; then
	say "building Kubernetes $KUBERNETES in $tree: this takes some ten minutes, once"
	work=$(mktemp -d "$CACHE/kubernetes.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	export GOFLAGS=-modcacherw GOWORK=off CGO_ENABLED=0
	(build "$work") >&2
	mv -T "$work/bin" "$tree"
fi
echo "$tree"
