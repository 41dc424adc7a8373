#!/usr/bin/env bash
# Every package, its tests and the examples satisfy TypeScript.
set -euo pipefail

npm run typecheck
