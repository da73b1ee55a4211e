#!/usr/bin/env bash
# Makes a substitute for the base image of deploy/Containerfile if no registry can be reached: Debian 12 from the mirror
# of this machine's apt, with Node and npm from npm. Requires root, debootstrap, podman and npm.
#   deploy/test/make-base-image.sh [NAME [amd64|arm64]]
# Another architecture also requires qemu-user-static and binfmt_misc.
# For tests only. Releases use the real base image.
set -euo pipefail
cd "$(dirname "$0")/../.."

base=${1:-$(sed -n 's/^ARG BASE=//p' deploy/Containerfile)}
arch=${2:-$(dpkg --print-architecture)}
node_version=$(node -p 'require("./package.json").devDependencies.node')
case $arch in
  amd64) node_arch=x64 ;;
  arm64) node_arch=arm64 ;;
  *) echo "make-base-image: there is no Node package for $arch" >&2; exit 1 ;;
esac
mirror=$(find /etc/apt -name '*.list' -o -name '*.sources' | sort | xargs \
  sed -nE 's/^URIs: *([^ ]+).*/\1/p; s/^deb (\[[^]]*\] )?([^ ]+).*/\2/p' | sed 1q)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
debootstrap --arch="$arch" --variant=minbase bookworm "$root" "${mirror:?no mirror in sources.list}" >"$work/log" ||
  { tail -n 20 "$work/log" >&2; exit 1; }

# Like Debian's slim images, without documentation and package lists.
rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* "$root"/usr/share/{doc,man,info,locale}/* "$root"/var/log/*

take() { # take PACKAGE DIRECTORY: unpacks an npm package
  local file
  file=$(cd "$work" && npm pack --silent "$1" | tail -n 1)
  mkdir -p "$2"
  tar -xzf "$work/$file" -C "$2" --strip-components=1 --no-same-owner
}
take "node-linux-$node_arch@$node_version" "$work/node"
cp "$work/node/bin/node" "$root/usr/local/bin/node"
take npm@11 "$root/usr/local/lib/node_modules/npm"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
chmod 755 "$root/usr/local/bin/node" "$root/usr/local/lib/node_modules/npm/bin/npm-cli.js"
chroot "$root" useradd --uid 1000 --create-home --shell /bin/bash node

tar -C "$root" -c . | podman --storage-driver vfs import --quiet --arch "$arch" --change 'CMD ["node"]' - "$base"
