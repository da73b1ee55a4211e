#!/usr/bin/env bash
# Renders the chart with each set of values in deploy/helm/clair/ci into deploy/kubernetes, and checks what comes out:
# wants helm; kubernetes-validate and promtool are used if they are there. With --check nothing is written.
set -euo pipefail
cd "$(dirname "$0")/../.."
chart=deploy/helm/clair
out=deploy/kubernetes
[ "${1:-}" != --check ] || out=$(mktemp -d)

helm lint --quiet "$chart"
for values in "$chart"/ci/*-values.yaml; do
  name=$(basename "$values" -values.yaml)
  file=$out/$name.yaml
  {
    echo "# Made by deploy/kubernetes/render.sh: helm template clair $chart -f $values"
    echo "# From $(node_modules/.bin/node deploy/kubernetes/chart-hash.ts "$name")"
    helm lint --quiet "$chart" -f "$values" >&2
    helm template clair "$chart" --namespace clair --kube-version 1.31.0 -f "$values"
  } >"$file"
  ! command -v kubernetes-validate >/dev/null || kubernetes-validate --strict --quiet --no-warn -k 1.31.0 "$file"
done
! command -v promtool >/dev/null || promtool check rules "$chart/files/alerts.yaml"
[ "$out" = deploy/kubernetes ] || { for file in "$out"/*.yaml; do diff -u "deploy/kubernetes/$(basename "$file")" "$file"; done; rm -rf "$out"; }
