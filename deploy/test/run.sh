#!/usr/bin/env bash
# Everything about deployment that `npm test` omits: the images, three services in containers, what Prometheus reads of them,
# a release of the last commit, the manifests.
# Debian with buildah, podman, runc, debootstrap, haproxy, postgresql and prometheus from apt, helm, and kubernetes-validate.
# CLAIR_TEST_TRAEFIK and CLAIR_TEST_JAEGER name programs: a Traefik (3.7 or later) instead of haproxy, a Jaeger (2) for the traces.
# CLAIR_TEST_KUBECONFIG or CLAIR_TEST_CRDS: the API server that has to accept the manifests (deploy/kubernetes/dry-run.sh).
set -euo pipefail
cd "$(dirname "$0")/../.."

base=$(sed -n 's/^ARG BASE=//p' deploy/Containerfile)
# Without a registry within reach: a base image of our own.
buildah --storage-driver vfs inspect "$base" >/dev/null 2>&1 || buildah --storage-driver vfs pull "$base" || deploy/test/make-base-image.sh
deploy/test/build-images.sh server ctl
node_modules/.bin/node --test --test-concurrency=1 'test/deploy/*.e2e.ts'
! command -v podman-compose >/dev/null || podman-compose --profile combo --profile metrics --profile traces --profile brokers config >/dev/null
deploy/kubernetes/render.sh --check
[ -z "${CLAIR_TEST_KUBECONFIG:-}${CLAIR_TEST_CRDS:-}" ] || deploy/kubernetes/dry-run.sh
