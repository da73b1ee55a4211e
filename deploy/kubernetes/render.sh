#!/usr/bin/env bash
# Renders the chart with each set of values in deploy/helm/clair/ci into deploy/kubernetes, and checks the manifests and alerts.
# Requires helm; uses kubernetes-validate and promtool if they are installed. With --check, nothing is written.
set -euo pipefail
cd "$(dirname "$0")/../.."
chart=deploy/helm/clair
out=deploy/kubernetes
[ "${1:-}" != --check ] || out=$(mktemp -d)
has() { command -v "$1" >/dev/null || { echo "not installed, skipped: $1" >&2; return 1; }; }

helm lint --quiet "$chart"
for values in "$chart"/ci/*-values.yaml; do
  name=$(basename "$values" -values.yaml)
  file=$out/$name.yaml
  {
    echo "# Made by deploy/kubernetes/render.sh: helm template clair $chart -f $values"
    echo "# From $(node_modules/.bin/node deploy/kubernetes/chart-hash.ts "$name")"
    helm lint --quiet "$chart" -f "$values" >&2
    # `helm test` needs a release: its pod is not part of a manifest.
    helm template clair "$chart" --namespace clair --kube-version 1.31.0 --skip-tests -f "$values"
  } >"$file"
  ! has kubernetes-validate || kubernetes-validate --strict --quiet --no-warn -k 1.31.0 "$file"
done
! has promtool || { promtool check rules "$chart/files/alerts.yaml" && promtool test rules deploy/test/alerts.yaml; }
[ "$out" = deploy/kubernetes ] || { for file in "$out"/*.yaml; do diff -u "deploy/kubernetes/$(basename "$file")" "$file"; done; rm -rf "$out"; }
