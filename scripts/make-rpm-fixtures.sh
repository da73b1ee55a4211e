#!/bin/sh
# Makes src/ecosystems/rpm/fixtures/*.gz: the same few packages, installed by rpm into its SQLite database. Needs
# rpmbuild of Debian, sqlite3, and db5.3_load for Berkeley DB, which rpm itself writes no more: it gets the same headers. packages.txt
# is what rpm says of them.
set -eu
out=$(cd "$(dirname "$0")/../src/ecosystems/rpm/fixtures" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export SOURCE_DATE_EPOCH=1700000000

cat > "$work/engine.spec" <<'SPEC'
%global long %(yes 'more of it' | head -2000 | tr '\n' ' ')
Name: engine
Epoch: 1
Version: 2.0~rc1
Release: 3%{?dist}.el9
Summary: The main package
License: MIT
BuildArch: noarch
%description
%{long}
%package libs
Summary: Of the same version
%description libs
Libraries.
%package -n gauge
Epoch: 0
Version: 0.7
Summary: Of a version of its own
%description -n gauge
Small.
%files
%files libs
%files -n gauge
SPEC

cat > "$work/stream.spec" <<'SPEC'
Name: stream-tool
Version: 5.26.3
Release: 420.module+el8
Summary: Of a module
License: MIT
ModularityLabel: tools:5.26:8030020:b7be6ce4
%description
Of a module.
%files
SPEC

cat > "$work/key.spec" <<'SPEC'
Name: gpg-pubkey
Version: fd431d51
Release: 4ae0493b
Summary: What rpm takes for a key
License: pubkey
BuildArch: noarch
%description
A key.
%files
SPEC

for spec in engine stream key; do
  rpmbuild --quiet -bb --target x86_64 --define "_topdir $work/build" --define "_buildhost builder" \
    --define "_use_internal_dependency_generator 0" --define "debug_package %{nil}" \
    --define "use_source_date_epoch_as_buildtime 1" "$work/$spec.spec"
done

database() { rpm --define '_db_backend sqlite' --dbpath "$work/sqlite" "$@"; }
database --initdb
gzip -9nc "$work/sqlite/rpmdb.sqlite" > "$out/empty.sqlite.gz"
find "$work/build/RPMS" -name '*.rpm' | sort |
  xargs rpm --define '_db_backend sqlite' --dbpath "$work/sqlite" -i --force-debian --justdb --nodeps --ignorearch \
    --ignoreos --noscripts --notriggers
# A gap where a package was, as everywhere.
database -e --justdb --nodeps engine-libs
database -qa --qf '%{NAME} %{EPOCHNUM}:%{VERSION}-%{RELEASE} %{ARCH} %{SOURCERPM} %{MODULARITYLABEL}\n' | sort > "$out/packages.txt"
gzip -9nc "$work/sqlite/rpmdb.sqlite" > "$out/rpmdb.sqlite.gz"

for order in 1234 4321; do
  {
    echo 'VERSION=3'
    echo 'format=bytevalue'
    echo 'type=hash'
    echo "db_lorder=$order"
    echo 'db_pagesize=4096'
    echo 'HEADER=END'
    # The numbers of packages are in the order of the machine, as is the file.
    sqlite3 -separator ' ' "$work/sqlite/rpmdb.sqlite" \
      "select '00000000', '09000000' union all select printf('%02x000000', hnum), lower(hex(blob)) from Packages" |
      while read -r key value; do
        [ "$order" = 1234 ] || key=$(echo "$key" | sed 's/\(..\)\(..\)\(..\)\(..\)/\4\3\2\1/')
        echo " $key"
        echo " $value"
      done
    echo 'DATA=END'
  } > "$work/dump"
  db5.3_load -f "$work/dump" "$work/Packages-$order"
  gzip -9nc "$work/Packages-$order" > "$out/Packages-$order.gz"
done
ls -l "$out"
