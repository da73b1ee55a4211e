#!/usr/bin/env bash
# Everything about deployment that `npm test` leaves out: the images, three services in containers, the manifests.
# Debian with buildah, podman, runc, debootstrap, haproxy, postgresql and prometheus from apt, helm, and kubernetes-validate.
set -euo pipefail
cd "$(dirname "$0")/../.."

base=$(sed -n 's/^ARG BASE=//p' deploy/Containerfile)
# Without a registry within reach: a base image of our own.
buildah --storage-driver vfs inspect "$base" >/dev/null 2>&1 || buildah --storage-driver vfs pull "$base" || deploy/test/make-base-image.sh
deploy/test/build-images.sh server ctl
node_modules/.bin/node --test test/deploy/containers.e2e.ts
! command -v podman-compose >/dev/null || podman-compose --profile combo --profile metrics --profile traces --profile brokers config >/dev/null
deploy/kubernetes/render.sh --check
