#!/usr/bin/env bash
# The tests that need a pooler: a real pgbouncer, Debian's, in front of the embedded PostgreSQL.
set -euo pipefail

if [ ! -x /usr/sbin/pgbouncer ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq pgbouncer >/dev/null
fi

npm test -- --root core --config vitest.pooler.config.ts \
  --reporter=default --reporter=json --outputFile.json="$CI_TEMP/reports/pgbouncer.json"
