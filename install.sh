#!/bin/sh
# Installs clairctl, a program of one file, after verifying its checksum.
#
#   sh install.sh [--base-url URL] [--to DIRECTORY] [--program clairctl|clair]
#
# URL is the folder of a release: SHA256SUMS and clairctl-linux-x64 are there (CLAIR_BASE_URL). file:// works, too.
# DIRECTORY is ~/.local/bin, for root /usr/local/bin.
set -eu

fail() {
  echo "install.sh: $*" >&2
  exit 1
}

base=${CLAIR_BASE_URL:-}
to=
program=clairctl
while [ $# -gt 0 ]; do
  [ $# -gt 1 ] || fail "$1 wants a value"
  case $1 in
    --base-url) base=$2 ;;
    --to) to=$2 ;;
    --program) program=$2 ;;
    *) fail "unknown option $1. Options: --base-url URL, --to DIRECTORY, --program clairctl|clair" ;;
  esac
  shift 2
done

[ -n "$base" ] || fail "no release is built in: name its folder with --base-url, or build one with npm run release"
case $program in clair | clairctl) ;; *) fail "there is no program $program: clairctl or clair" ;; esac
[ "$(uname -s)" = Linux ] || fail "there is a program for Linux only: elsewhere use npm or a container (docs/how-to/install.md)"
case $(uname -m) in
  x86_64 | amd64) arch=x64 ;;
  aarch64 | arm64) arch=arm64 ;;
  *) fail "there is no program for $(uname -m)" ;;
esac
if [ -z "$to" ]; then
  if [ "$(id -u)" = 0 ]; then to=/usr/local/bin; else to=$HOME/.local/bin; fi
fi

name=$program-linux-$arch
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

get() {
  case $base in
    file://*) cp "${base#file://}/$1" "$work/$1" ;;
    *)
      if command -v curl >/dev/null; then
        curl --fail --silent --show-error --location --retry 3 --output "$work/$1" "${base%/}/$1"
      elif command -v wget >/dev/null; then
        wget -q -O "$work/$1" "${base%/}/$1"
      else
        fail "curl or wget is needed"
      fi
      ;;
  esac || fail "could not fetch ${base%/}/$1"
}

get SHA256SUMS
wanted=$(awk -v name="$name" '$2 == name { print $1 }' "$work/SHA256SUMS")
[ -n "$wanted" ] || fail "the release at $base has no $name"
get "$name"
if command -v sha256sum >/dev/null; then sum=$(sha256sum "$work/$name"); else sum=$(shasum -a 256 "$work/$name"); fi
[ "${sum%% *}" = "$wanted" ] || fail "$name has the checksum ${sum%% *}, SHA256SUMS says $wanted: nothing was installed"

mkdir -p "$to" || fail "cannot make $to: choose another directory with --to"
chmod 755 "$work/$name"
# A name that is replaced at once: a program that runs goes on with the file that it has.
if ! { cp "$work/$name" "$to/.$program.$$" && mv "$to/.$program.$$" "$to/$program"; }; then
  rm -f "$to/.$program.$$"
  fail "cannot write to $to: choose another directory with --to"
fi
echo "installed $to/$program"
case :$PATH: in *":$to:"*) ;; *) echo "note: $to is not in PATH" >&2 ;; esac
