#!/usr/bin/env bash
# Asks an API server whether it accepts the manifests in this directory: a server-side dry run in which unknown fields are errors.
# The server is that of CLAIR_TEST_KUBECONFIG. If it is not set, a temporary one is started: etcd and kube-apiserver, with the
# CustomResourceDefinitions in the directory CLAIR_TEST_CRDS (CloudNativePG, Prometheus operator, Gateway API, KEDA, OpenShift's Route).
set -euo pipefail
cd "$(dirname "$0")/../.."
free_port() { node -e 's=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})'; }

config=${CLAIR_TEST_KUBECONFIG:-}
if [ -z "$config" ]; then
  work=$(mktemp -d)
  pids=()
  trap 'kill "${pids[@]}" 2>/dev/null || true; wait; rm -rf "$work"' EXIT
  client=http://127.0.0.1:$(free_port)
  peer=http://127.0.0.1:$(free_port)
  etcd --data-dir "$work/etcd" --listen-client-urls "$client" --advertise-client-urls "$client" --listen-peer-urls "$peer" \
    --initial-advertise-peer-urls "$peer" --initial-cluster "default=$peer" >"$work/etcd.log" 2>&1 &
  pids+=($!)
  openssl genrsa -out "$work/key.pem" 2048 2>/dev/null
  token=$(openssl rand -hex 16)
  echo "$token,admin,admin,system:masters" >"$work/tokens.csv"
  port=$(free_port)
  kube-apiserver --etcd-servers "$client" --bind-address 127.0.0.1 --secure-port "$port" --cert-dir "$work/certs" \
    --service-account-issuer https://kubernetes.default.svc --service-account-key-file "$work/key.pem" \
    --service-account-signing-key-file "$work/key.pem" --service-cluster-ip-range 10.96.0.0/16 \
    --token-auth-file "$work/tokens.csv" --authorization-mode RBAC --disable-admission-plugins ServiceAccount >"$work/api.log" 2>&1 &
  pids+=($!)
  config=$work/kubeconfig
  export KUBECONFIG=$config
  kubectl config set-cluster test --server "https://127.0.0.1:$port" --insecure-skip-tls-verify >/dev/null
  kubectl config set-credentials admin --token "$token" >/dev/null
  kubectl config set-context test --cluster test --user admin >/dev/null
  kubectl config use-context test >/dev/null
  for _ in $(seq 150); do kubectl get --raw /readyz >/dev/null 2>&1 && break; sleep 2; done
  kubectl get --raw /readyz >/dev/null || { tail -n 20 "$work/api.log"; exit 1; }
  # Applied on the client, a definition would not fit into its annotation.
  kubectl create --filename "${CLAIR_TEST_CRDS:?a directory with CustomResourceDefinitions}"
  kubectl wait --for condition=Established --timeout 60s customresourcedefinitions --all
  kubectl wait --for create --timeout 60s namespace default
fi

for file in deploy/kubernetes/*.yaml; do
  echo "== $file"
  kubectl --kubeconfig "$config" --namespace default apply --dry-run=server --validate=strict --filename "$file"
done
