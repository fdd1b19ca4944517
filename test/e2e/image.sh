#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# image.sh OUTPUT NAME TRANSFER
# Makes the image of the tests without a registry, as a docker-archive: busybox, `transfer` (which is also the
# sandbox's pause), a page, and /bin/pod, which serves the page on two ports.
set -euo pipefail

output=$1 name=$2 transfer=$3
work=$(mktemp -d "$output.XXXXXX")
trap 'rm -rf "$work"' EXIT

case $(uname -m) in
x86_64) architecture=amd64 ;;
aarch64) architecture=arm64 ;;
*) architecture=$(uname -m) ;;
esac

root=$work/root
mkdir -p "$root"/{bin,etc,proc,sys,dev,tmp,www}
install -m 0755 "$(command -v busybox)" "$root/bin/busybox"
install -m 0755 "$transfer" "$root/bin/transfer"
for applet in sh cat httpd nc printf sha256sum sleep; do
	ln -s busybox "$root/bin/$applet"
done
echo "a page of the server" >"$root/www/page"
cat >"$root/bin/pod" <<'POD'
#!/bin/sh
httpd -p 8080 -h /www
httpd -p 8081 -h /www
exec transfer pause
POD
chmod 0755 "$root/bin/pod"

mkdir "$work/image"
tar -C "$root" --owner=0 --group=0 --sort=name -cf "$work/image/layer.tar" .
layer=$(sha256sum "$work/image/layer.tar" | cut -d' ' -f1)
jq -n --arg architecture "$architecture" --arg layer "sha256:$layer" '{
	architecture: $architecture, os: "linux",
	config: {Env: ["PATH=/bin"], Cmd: ["/bin/transfer", "pause"]},
	rootfs: {type: "layers", diff_ids: [$layer]}
}' >"$work/image/config.json"
jq -n --arg name "$name" '[{Config: "config.json", RepoTags: [$name], Layers: ["layer.tar"]}]' \
	>"$work/image/manifest.json"
tar -C "$work/image" -cf "$output" manifest.json config.json layer.tar
