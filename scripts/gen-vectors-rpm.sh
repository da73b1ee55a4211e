#!/bin/sh
# Makes src/ecosystems/rpm/fixtures/versions.txt with the rpm of this machine: pairs of version texts, made here, and what
# `rpm.vercmp` says of them (`a < b`, `a = b`, `a > b`).
set -eu
out=$(dirname "$0")/../src/ecosystems/rpm/fixtures/versions.txt
program=$(mktemp)
trap 'rm -f "$program"' EXIT

cat > "$program" <<'LUA'
-- Neighbours in each list are compared, and each with the one after that.
local lists = [[
1.0 1.0-1 1.0- 1.0-0 1.0-~ 1.0-^ 1.0-~1 1.0-1~rc1 1.0-1~rc2 1.0-1^git1 1.0-1 1.0-1.el9 1.0-1.el9_2 1.0-1.el9_10 1.0-01
1.0~~ 1.0~ 1.0~rc1 1.0~rc1^git1 1.0~rc1 1.0~rc2 1.0 1.0^ 1.0^20210501 1.0^20210501~1 1.0^git1^2 1.0.1 1.0.1^a 1.01 1.1
1 1. 1.. 1.a 1a 1.a1 1a1 1a.1 1ab 1aB 1Ab 1b 1.1 1_1 1-1 1+1 1.+1 1.01 1.001 1.10 1.9 01
0:1 1 1:0 01:0 2:0 10:0 :1 9999999999:1 99999999999999999999:1 00:2 a:1 1:1:1
3.0.7-20.el9 3.0.7-24.el9 3.0.7-6.el9_2 3.0.7-25.el9_3 3.0.8-1.el9 1:3.0.7-1.el9 3.0.7-20.el9_0.1 3.0.7-20.amzn2023 3.0.7-20.fc38
18.17.1-1.module+el9.2.0+19753+58118bc0 18.17.1-1.module+el9.2.0.z+19753+58118bc0 18.17.1-1.module+el8.8.0+1 18.17.1-1.el9 18.17.1
20240101120000 20240101120000.0 99999999999999999999 99999999999999999998 100000000000000000000 00099999999999999999999
1-2-3 1-2-4 1-2 1.2-3 1.2-3-4 1-2.3 -1 -2 0 ~ ^ ~^ ^~ . a z A Z
2.36-9.ph3 2.36-10.ph3 2.36-9.ph10 2.36-9.150400.1.1 2.36-lp154.1 2.36-bp154.1 150000.3.14.1-1 4.4.73-5.1
1:é 1é2 1.2 1é 1 2é1
]]
local seen = {}
local function say(a, b)
  local sign = ({ [-1] = '<', [0] = '=', [1] = '>' })[rpm.vercmp(a, b)]
  local line = a .. ' ' .. sign .. ' ' .. b
  if not seen[line] then print(line .. '\n') end
  seen[line] = true
end
for list in lists:gmatch('[^\n]+') do
  local before, last
  for version in list:gmatch('%S+') do
    if before then say(before, version) end
    if last then say(last, version) end
    before, last = last, version
  end
end
-- Pieces put together by a fixed rule: no luck involved, the file is the same every time.
local pieces = { '0', '1', '9', '10', 'a', 'b', 'Z', '~', '^', '.', '-', '_', '+', '00', '01', '~~', '^^', 'rc', 'el9' }
local seed = 7
local function text(pair)
  local out = (pair % 5 == 0 and '1:' or '') .. (pair % 2)
  for _ = 1, 1 + pair % 6 do
    seed = (seed * 16807) % 2147483647
    out = out .. pieces[1 + seed % #pieces]
  end
  return out
end
for pair = 0, 1999 do
  local a = text(pair)
  say(a, text(pair))
end
LUA

rpm --eval "%{lua: dofile('$program')}" | grep . > "$out"
wc -l "$out"
