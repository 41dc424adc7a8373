#!/usr/bin/env bash
# Style, formatting and the order of imports.
set -euo pipefail

npm run lint
