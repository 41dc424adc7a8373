#!/usr/bin/env bash
# What will be published: packed, checked, and used from an empty project as a stranger would.
set -euo pipefail

# An install in the empty project gets the Node that runs here, and nothing else from this clone.
mkdir "$CI_TEMP/bin"
ln -s "$(npx node -p process.execPath)" "$CI_TEMP/bin/node"
consumer=$PWD/scripts/packed-consumer
tarballs=$CI_TEMP/tarballs
version=$(node -p 'require("./server/package.json").version')
ours() { node -p "'$1@' + require('./package.json').devDependencies['$1']"; }
compiler=("$(ours typescript)" "$(ours @types/node)")

npm run build
mkdir "$tarballs" "$tarballs/adapters"
npm pack --loglevel=error --pack-destination "$tarballs" -w core -w server
npm pack --loglevel=error --pack-destination "$tarballs/adapters" \
  -w adapters/langgraph -w adapters/openai-agents -w adapters/adk
for tarball in "$tarballs"/*.tgz "$tarballs"/adapters/*.tgz; do
  npx publint run "$tarball" --strict
  npx attw "$tarball" --profile esm-only
done

use() {
  local project=$1
  shift
  printf '\n--- %s\n' "npm install $*"
  mkdir "$project"
  cp "$consumer"/* "$project"
  (
    cd "$project"
    export PATH="$CI_TEMP/bin:$PATH"
    npm install --loglevel=error --no-audit --no-fund "$@" "$tarballs"/*.tgz "${compiler[@]}"
    npx tsc
    node main.ts
    [ "$(npx holdfast --version)" = "$version" ]
    npx holdfast db start
    npx holdfast db status
    npx holdfast db stop
  )
}
use "$CI_TEMP/empty project"
use "$CI_TEMP/empty project without install scripts" --ignore-scripts
