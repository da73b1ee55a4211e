#!/usr/bin/env bash
# Real trees of twelve kinds, to compare what scanners find in them (compare.ts beside this). Wants Debian 12 with apt, pip,
# npm, cargo, go and mvn; what their registries do not serve is written here as its package manager leaves it.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
out=${1:?FOLDER}
mkdir -p "$out"
out=$(cd "$out" && pwd)
tree() { mkdir -p "$out/trees/$1" && cd "$out/trees/$1"; }
is_made() { [ -n "$(ls -A "$out/trees/$1" 2>/dev/null)" ]; }

if ! is_made debian; then
  "$here/debian-programs.sh" "$out/programs"
  mkdir -p "$out/trees"
  ln -sfn "$out/programs/owned" "$out/trees/debian"
  ln -sfn "$out/programs/local" "$out/trees/programs"
fi
if ! is_made pypi; then
  tree pypi
  pip -q install --no-compile --target usr/lib/python3/site-packages \
    Django==4.2.1 Flask==2.3.2 requests==2.31.0 numpy==1.26.4 cryptography==41.0.3 zope.interface==6.0 PyYAML==6.0.1
fi
if ! is_made npm; then
  tree npm
  mkdir app && cd app
  printf '{"name":"app","version":"1.0.0","private":true}' >package.json
  npm install --silent --no-audit --no-fund --ignore-scripts express@4.18.2 webpack@5.88.2 lodash@4.17.20 @babel/core@7.22.9
  rm -f package.json package-lock.json node_modules/.package-lock.json
fi
if ! is_made cargo; then
  tree cargo
  mkdir src && echo 'fn main() {}' >src/main.rs
  printf '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\nregex = "=1.9.1"\ntokio = { version = "=1.29.0", features = ["full"] }\nserde_json = "=1.0.100"\ntime = "=0.1.45"\n' >Cargo.toml
  cargo -q generate-lockfile
fi
if ! is_made go; then
  tree go
  sources=$(mktemp -d)
  trap 'rm -rf "$sources"' EXIT
  (
    cd "$sources"
    printf 'module example.com/app\n\ngo 1.21\n\nrequire (\n\tgithub.com/google/uuid v1.3.0\n\tgolang.org/x/text v0.3.7\n\tgopkg.in/yaml.v3 v3.0.0\n)\n' >go.mod
    printf 'package main\n\nimport (\n\t"fmt"\n\n\t"github.com/google/uuid"\n\t"golang.org/x/text/language"\n\t"gopkg.in/yaml.v3"\n)\n\nfunc main() {\n\tout, _ := yaml.Marshal(uuid.New())\n\tfmt.Println(string(out), language.English)\n}\n' >main.go
    GOFLAGS=-mod=mod go mod tidy
    CGO_ENABLED=0 go build -p 1 -o app .
  )
  mkdir -p usr/local/bin src
  mv "$sources/app" usr/local/bin/app
  mv "$sources/go.mod" "$sources/go.sum" src/
fi
if ! is_made maven; then
  node "$here/node24.mjs" "$here/java-trees.ts" "$out/java" >/dev/null
  mkdir -p "$out/trees/maven/app"
  cp "$out"/java/boot/lib/*.jar "$out/trees/maven/app/"
  cp -r "$out"/java/apache-tomcat-* "$out/trees/maven/"
fi

# name version …
if ! is_made composer; then
  tree composer
  mkdir -p vendor/composer
  printf '{"packages":[%s],"dev":false,"dev-package-names":[]}' "$(
    printf '%s %s\n' monolog/monolog 2.9.1 symfony/http-kernel v5.4.20 guzzlehttp/guzzle 7.7.0 guzzlehttp/psr7 2.5.0 \
      twig/twig v3.4.3 doctrine/orm 2.15.3 psr/log 3.0.0 laravel/framework v9.52.10 nesbot/carbon 2.68.1 ramsey/uuid 4.7.4 |
      awk '{ printf "%s{\"name\":\"%s\",\"version\":\"%s\",\"version_normalized\":\"%s.0\",\"type\":\"library\",\"install-path\":\"../%s\"}", (NR > 1 ? "," : ""), $1, $2, $2, $1 }'
  )" >vendor/composer/installed.json
fi
if ! is_made gem; then
  tree gem
  mkdir -p usr/local/bundle/specifications
  printf '%s %s\n' rails 7.0.4 rack 2.2.4 nokogiri 1.13.9 puma 5.6.4 activerecord 7.0.4 actionpack 7.0.4 loofah 2.19.0 \
    rails-html-sanitizer 1.4.3 globalid 1.0.0 tzinfo 2.0.5 i18n 1.12.0 concurrent-ruby 1.1.10 | while read -r name version; do
    printf '# -*- encoding: utf-8 -*-\nGem::Specification.new do |s|\n  s.name = "%s".freeze\n  s.version = "%s"\n  s.require_paths = ["lib".freeze]\n  s.authors = ["Lab".freeze]\nend\n' \
      "$name" "$version" >"usr/local/bundle/specifications/$name-$version.gemspec"
  done
fi
if ! is_made nuget; then
  tree nuget
  mkdir app
  printf '%s %s\n' Newtonsoft.Json 12.0.1 Serilog 2.12.0 Dapper 2.0.123 System.Text.Encodings.Web 4.7.1 Azure.Identity 1.8.0 \
    Microsoft.Data.SqlClient 5.1.0 Polly 7.2.4 AutoMapper 12.0.1 |
    awk 'BEGIN { t = "\"App/1.0.0\":{\"runtime\":{\"App.dll\":{}}}"; l = "\"App/1.0.0\":{\"type\":\"project\",\"serviceable\":false,\"sha512\":\"\"}" }
      { t = t ",\"" $1 "/" $2 "\":{\"runtime\":{\"lib/net8.0/" $1 ".dll\":{\"assemblyVersion\":\"1.0.0.0\",\"fileVersion\":\"1.0.0.0\"}}}"
        l = l ",\"" $1 "/" $2 "\":{\"type\":\"package\",\"serviceable\":true,\"sha512\":\"sha512-a\",\"path\":\"" tolower($1) "/" $2 "\"}" }
      END { printf "{\"runtimeTarget\":{\"name\":\".NETCoreApp,Version=v8.0\"},\"targets\":{\".NETCoreApp,Version=v8.0\":{%s}},\"libraries\":{%s}}", t, l }' >app/App.deps.json
fi
if ! is_made hex; then
  tree hex
  printf '%s %s\n' phoenix 1.7.2 plug 1.14.0 ecto 3.10.1 jason 1.4.0 cowboy 2.9.0 cowlib 2.11.0 telemetry 1.2.1 postgrex 0.17.1 |
    awk 'BEGIN { print "%{" } { printf "  \"%s\": {:hex, :%s, \"%s\", \"aa\", [:mix], [], \"hexpm\", \"bb\"},\n", $1, $1, $2 } END { print "}" }' >mix.lock
fi
if ! is_made conda; then
  tree conda
  mkdir -p opt/conda/conda-meta
  printf '%s %s %s\n' openssl 3.0.7 h0 zlib 1.2.13 h1 python 3.10.8 h2 libcurl 7.87.0 h3 sqlite 3.40.0 h4 ncurses 6.3 h5 xz 5.2.8 h6 |
    while read -r name version build; do
      printf '{"name":"%s","version":"%s","build":"%s","build_number":0,"channel":"https://conda.example/main/linux-64","subdir":"linux-64","files":[],"depends":[]}' \
        "$name" "$version" "$build" >"opt/conda/conda-meta/$name-$version-$build.json"
    done
fi
if ! is_made bitnami; then
  tree bitnami
  printf '%s %s\n' redis 7.0.11 postgresql 15.3.0 node 18.16.0 | while read -r name version; do
    mkdir -p "opt/bitnami/$name"
    printf '{"spdxVersion":"SPDX-2.3","dataLicense":"CC0-1.0","SPDXID":"SPDXRef-DOCUMENT","name":"%s","documentNamespace":"https://example.com/%s","creationInfo":{"created":"2023-06-01T00:00:00Z","creators":["Organization: Lab"]},"packages":[{"SPDXID":"SPDXRef-%s","name":"%s","versionInfo":"%s-1","downloadLocation":"NOASSERTION","externalRefs":[{"referenceCategory":"PACKAGE-MANAGER","referenceType":"purl","referenceLocator":"pkg:bitnami/%s@%s-1?arch=amd64&distro=debian-11"}]},{"SPDXID":"SPDXRef-zlib","name":"zlib","versionInfo":"1.2.13","downloadLocation":"NOASSERTION","externalRefs":[{"referenceCategory":"PACKAGE-MANAGER","referenceType":"purl","referenceLocator":"pkg:generic/zlib@1.2.13"}]}],"relationships":[{"spdxElementId":"SPDXRef-DOCUMENT","relationshipType":"DESCRIBES","relatedSpdxElement":"SPDXRef-%s"}]}' \
      "$name" "$name" "$name" "$name" "$version" "$name" "$version" "$name" >"opt/bitnami/$name/.spdx-$name.spdx"
  done
fi
