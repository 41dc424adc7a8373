#!/usr/bin/env bash
# The tests on hosts that are cut off from each other: network namespaces of this machine, made by root.
set -euo pipefail

if [ "$(id -u)" -ne 0 ]; then
  echo "This phase makes network namespaces, which only root may: it cannot be run as $(id -un)."
  exit 1
fi
if ! command -v ip >/dev/null; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq iproute2 >/dev/null
fi

npm test -- --root conformance --config vitest.hosts.config.ts \
  --reporter=default --reporter=json --outputFile.json="$CI_TEMP/reports/hosts.json"
