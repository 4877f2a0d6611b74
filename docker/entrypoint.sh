#!/bin/sh
# HTTPS on 443 when a bundle (certificate and key) is mounted at the place where it always was; else HTTP on 8001.
set -eu

bundle="${TASKER_BUNDLE:-/docker-entrypoint.d/bundle.pem}"

if [ -z "${TLS_BUNDLE:-}${tls_bundle:-}${TLS_CERT:-}${tls_cert:-}" ] && [ -f "$bundle" ]; then
  export TLS_BUNDLE="$bundle"
  if [ -z "${PORT:-}${port:-}" ]; then export PORT=443; fi
fi
if [ -z "${PORT:-}${port:-}" ]; then export PORT=8001; fi
# Who reaches a container is decided by the ports that are published.
if [ -z "${BIND_ADDRESS:-}${bind_address:-}" ]; then export BIND_ADDRESS='*'; fi

exec "$@"
