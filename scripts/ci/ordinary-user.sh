#!/usr/bin/env bash
# A stranger without rights: another account, a home and an npm cache of its own, a folder with a
# space in its name. Root becomes `nobody` for this; anyone else is such an account already.
set -euo pipefail

place=$CI_TEMP/stranger
mkdir -p "$place/home"
git clone --quiet . "$place/my projects/holdfast"

as_stranger() { env HOME="$place/home" "$@"; }
if [ "$(id -u)" -eq 0 ]; then
  chown -R nobody: "$place"
  as_stranger() {
    env HOME="$place/home" USER=nobody LOGNAME=nobody \
      setpriv --reuid=nobody --regid="$(id -g nobody)" --clear-groups "$@"
  }
fi

cd "$place/my projects/holdfast"
as_stranger npm start
