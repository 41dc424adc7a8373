#!/usr/bin/env bash
# All tests, on the embedded PostgreSQL.
set -euo pipefail

npm test -- --reporter=default --reporter=json --outputFile.json="$CI_TEMP/reports/test.json"
