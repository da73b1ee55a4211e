#!/usr/bin/env bash
# Builds the images of deploy/Containerfile with buildah, without a container engine and user namespaces, and prints their
# compressed size. deploy/test/make-base-image.sh makes a base image if none can be pulled.
# ARCH=arm64 BASE=NAME: for another architecture, from another base image. Requires qemu-user-static and binfmt_misc. The tag
# of the images is the architecture.
set -euo pipefail
cd "$(dirname "$0")/../.."
buildah() { command buildah --storage-driver "${STORAGE_DRIVER:-vfs}" "$@"; }

secret=()
[ -z "${NODE_EXTRA_CA_CERTS:-}" ] || secret=(--secret "id=ca,src=$NODE_EXTRA_CA_CERTS")
arch=${ARCH:-$(dpkg --print-architecture)}
tag=${ARCH:-latest}
[ $# -gt 0 ] || set -- server ctl
for target in "$@"; do
  name=clair
  [ "$target" = server ] || name=clairctl
  buildah bud --isolation chroot --format docker --layers=false --pull=false --arch "$arch" "${secret[@]}" \
    ${BASE:+--build-arg "BASE=$BASE"} \
    --build-arg "REVISION=$(git rev-parse HEAD 2>/dev/null || true)" \
    --build-arg "VERSION=$(node -p 'require("./package.json").version')" \
    --file deploy/Containerfile --target "$target" --tag "localhost/$name:$tag" .
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for name in clair clairctl; do
  buildah inspect "localhost/$name:$tag" >/dev/null 2>&1 || continue
  buildah push --quiet --compression-format gzip "localhost/$name:$tag" "oci:$work/$name"
  echo "$name: $(du -sm "$work/$name" | cut -f 1) MB compressed"
done
