#!/bin/sh
# Makes src/ecosystems/deb/fixtures/versions.txt with the dpkg of this machine: pairs of version texts, made here, and what
# `dpkg --compare-versions` says of them (`a < b`, `a = b`), and texts that `dpkg --validate-version` refuses (`! text`).
set -eu
out=$(dirname "$0")/../src/ecosystems/deb/fixtures/versions.txt

relation() {
  if dpkg --compare-versions "$1" lt "$2"; then echo '<'
  elif dpkg --compare-versions "$1" eq "$2"; then echo '='
  else echo '>'
  fi
}

# Neighbours in each list are compared, and each with the one after that.
lists() {
  cat <<'LISTS'
0~~ 0~ 0 0+ 0a 1~~a 1~ 1~1 1 1+ 1. 1.~ 1.0 1.0~rc1 1.0~rc1-1 1.0-1~ 1.0-1 1.0-1+b1 1.0-1.1 1.0-1a 1.0a-1 1.0+dfsg-1 1.00
1.01 1.1 1.001 1.010 1.10 1.9 1.09 1.9~ 01.1 1.1-0 1.1-00 1.1-01 1.1-1 1.1-0a 1.1-a 1.1-a0 1.1-a00
1.0 1.0-0 1.0-0~ 1.0-~ 1.0-0+ 1.0-00 0:1.0 00:1.0-0 1:0.1 1:1.0 2:0 +1:1.0 010:1 2147483647:1 9:9
1:1.2.13.dfsg-1 1:1.2.13-1 1.2.13.dfsg-1 1:1.2.13.dfsg-1+b1 1:1.2.13+dfsg-1 1:1.2.13~dfsg-1 1:1.2.13.dfsg-1ubuntu1
20240101120000 20240101120000.0 99999999999999999999 99999999999999999998 100000000000000000000 00099999999999999999999 1
18446744073709551615 18446744073709551616 18446744073709551617 9223372036854775807 9223372036854775808 4294967296 4294967295
3.0.9-1 3.0.11-1~deb12u2 3.0.11-1 3.0.11-1~deb12u1 3.0.11-1~deb12u10 3.0.11-1~bpo11+1 3.0.11-1+deb12u1 3.0.11-1.1 3.0.11~really3.0.9-1
2.36-9+deb12u3 2.36-9 2.36-9+deb12u13 2.36-9+b1 2.36-9ubuntu1 2.36-9ubuntu0.1 2.36-9build1 2.36-10
1.2-3-4 1.2-3-5 1.2-4-3 1.2-3a-4 1-1-1 1-1 1--1 1-2-1 1:1:1-1 1:1:2-1 1:1a:1
1A 1Z 1a 1z 1.a 1+a 1-a 1~a 1AZ 1aA 1Aa 1zz 1.z 1:1.z 1z. 1z+ 1z~ 1z1 1z01 1z10 1z9
5.36.0-7+deb12u1 5.36.0-7+deb12u3+deb12u9 5.36.0-7 5.36.0-7+deb12u2 5.36.0-07 5.36.00-7 5.036.0-7 5.36-7 5.360-7
LISTS
}

refused() {
  cat <<'REFUSED'
1.0-
1:
:1
0x1:1
2147483648:1
99999999999999999999:1
1.0 2
18 Oct 2016
a1
~1
+1
1_0
1%2
1-a_b
1-a:b
1-:
a:1
1:a
-1
-1:1
1.0-1-
1é
v1.0
(unknown)
REFUSED
}

{
  lists | while read -r line; do
    before='' last=''
    for version in $line; do
      for other in $before $last; do echo "$other $(relation "$other" "$version") $version"; done
      before=$last last=$version
    done
  done
  # Texts of the version alphabet put together by a fixed rule: no luck involved, the file is the same every time.
  awk 'BEGIN {
    n = split("0 1 9 10 a b Z ~ + . - : 00 01 ~~ rc deb", piece, " ")
    seed = 7
    for (pair = 0; pair < 700; pair++) {
      for (side = 1; side <= 2; side++) {
        text = (pair % 3 == 0 ? "1:" : "") pair % 2
        for (i = 0; i < 1 + pair % 5; i++) { seed = (seed * 16807) % 2147483647; text = text piece[1 + seed % n] }
        both[side] = text
      }
      print both[1], both[2]
    }
  }' | while read -r a b; do
    dpkg --validate-version "$a" 2>/dev/null && dpkg --validate-version "$b" 2>/dev/null || continue
    echo "$a $(relation "$a" "$b") $b"
  done
  refused | while IFS= read -r text; do
    dpkg --validate-version -- "$text" 2>/dev/null || echo "! $text"
  done
} | awk '!seen[$0]++' > "$out"
wc -l "$out"
