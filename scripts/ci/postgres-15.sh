#!/usr/bin/env bash
# The tests of core again, on the oldest PostgreSQL that we support: Debian's 15, in a cluster of
# its own that lives as long as this script.
set -euo pipefail

programs=/usr/lib/postgresql/15/bin
if [ ! -x "$programs/initdb" ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql-15 >/dev/null
fi

# PostgreSQL refuses to run as root.
as_owner() { "$@"; }
if [ "$(id -u)" -eq 0 ]; then
  as_owner() { (cd / && runuser -u postgres -- "$@"); }
fi

cluster=$(as_owner mktemp -d "$CI_TEMP/tmp/postgres-15-XXXXXX")
stop() {
  as_owner "$programs/pg_ctl" stop -D "$cluster/data" -m immediate -s || true
  rm -rf "$cluster"
}
trap stop EXIT

password=$(node -p 'crypto.randomUUID()')
port=$(node -e 'const s = net.createServer().listen(0, "127.0.0.1", () => s.close(console.log(s.address().port)))')
as_owner bash -c 'umask 077; cat > "$1/password"' - "$cluster" <<<"$password"
as_owner "$programs/initdb" -D "$cluster/data" -U holdfast --auth=scram-sha-256 \
  --pwfile="$cluster/password" --encoding=UTF8 --locale=C >/dev/null
as_owner "$programs/pg_ctl" start -D "$cluster/data" -l "$cluster/log" -w -s \
  -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories="

export HOLDFAST_TEST_DATABASE_URL="postgres://holdfast:$password@127.0.0.1:$port/postgres"
npm test -- --project @holdfast/core \
  --reporter=default --reporter=json --outputFile.json="$CI_TEMP/reports/postgres-15.json"
