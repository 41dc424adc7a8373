#!/usr/bin/env bash
# Nothing stays behind: no database server of ours, nothing in the folder for temporary files.
# A server stops by itself soon after its last user; it gets some seconds for that. Root's is kept
# in /var/lib/holdfast when the account it runs as cannot reach this clone.
set -euo pipefail

servers() {
  local process data
  for process in /proc/[0-9]*; do
    [ "$(cat "$process/comm" 2>/dev/null)" = postgres ] || continue
    data=$(readlink "$process/cwd" || true)
    case $data in
      "$PWD"/* | "$CI_TEMP"/* | "/var/lib/holdfast/${PWD##*/}-"*) echo "process ${process#/proc/} serves $data" ;;
    esac
  done
}

deadline=$((SECONDS + 20))
while [ -n "$(servers)" ] && [ "$SECONDS" -lt "$deadline" ]; do sleep 0.5; done

# Clusters of root's that are newer than this run, apart from that of this clone itself.
clusters() {
  [ ! -d /var/lib/holdfast ] || find /var/lib/holdfast -mindepth 1 -maxdepth 1 \
    -newer "$CI_TEMP/began" -not -name "${PWD##*/}-*"
}

left=$(servers; clusters; find "$TMPDIR" -mindepth 1 -maxdepth 1)
if [ -n "$left" ]; then
  printf 'Left behind:\n%s\n' "$left"
  exit 1
fi
echo "No server, no cluster and no temporary file is left."
