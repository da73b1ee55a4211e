#!/usr/bin/env bash
# Programs of Debian's packages twice: in ROOT/usr/local, as if they were built from source, and where dpkg put them.
# Wants Debian 12 with apt. Writes FOLDER/{local,owned}: the trees that scripts/debian-programs.ts looks at.
set -euo pipefail
out=${1:?FOLDER}
packages=(
  apache2-bin bash bind9 busybox-static curl dnsmasq-base git haproxy libcurl4 liblua5.4-0 libperl5.36 libphp8.2-embed
  libpython3.11 libruby3.1 libsqlite3-0 libssl3 lighttpd lua5.4 mariadb-server-core memcached mosquitto nginx
  nodejs libnode108 openjdk-17-jre-headless openssh-server openssl openvpn perl-base php8.2-cli postgresql-15
  proftpd-core python3.11-minimal redis-tools slapd squid unbound varnish vsftpd erlang-base elixir rabbitmq-server
  dovecot-core exim4-daemon-light postfix
)
mkdir -p "$out/debs" "$out/owned/var/lib/dpkg/info" "$out/local/usr/local"
cd "$out/debs"
for each in "${packages[@]}"; do
  compgen -G "${each}_*.deb" >/dev/null || apt-get download -q "$each" || echo "no $each" >&2
done
: >"$out/owned/var/lib/dpkg/status"
for deb in *.deb; do
  dpkg-deb -x "$deb" "$out/owned"
  name=$(dpkg-deb -f "$deb" Package)
  dpkg-deb -f "$deb" Package Version Architecture Maintainer Source >>"$out/owned/var/lib/dpkg/status"
  printf 'Status: install ok installed\n\n' >>"$out/owned/var/lib/dpkg/status"
  dpkg-deb -c "$deb" | awk '{print $6}' | sed 's/^\.//; s,/$,,' >"$out/owned/var/lib/dpkg/info/$name.list"
done
for folder in bin sbin lib; do
  mkdir -p "$out/local/usr/local/$folder"
  for from in "$out/owned/$folder" "$out/owned/usr/$folder"; do
    [ -d "$from" ] && cp -a "$from/." "$out/local/usr/local/$folder/"
  done
done
mkdir -p "$out/owned/etc" "$out/local/etc"
printf 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n' | tee "$out/owned/etc/os-release" >"$out/local/etc/os-release"
