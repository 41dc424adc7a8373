#!/usr/bin/env bash
# No file, export or dependency without a use.
set -euo pipefail

npm run unused
