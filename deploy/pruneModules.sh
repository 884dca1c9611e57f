#!/bin/sh
# Leaves out what Temporal's SDK brings for other platforms: most of its size.
set -eu

case $(uname -m) in
  x86_64) own=x86_64-unknown-linux-gnu ;;
  aarch64) own=aarch64-unknown-linux-gnu ;;
  *)
    echo "Temporal's SDK has nothing for $(uname -m)" >&2
    exit 1
    ;;
esac
releases=$1/@temporalio/core-bridge/releases
test -d "$releases/$own"
find "$releases" -mindepth 1 -maxdepth 1 ! -name "$own" -exec rm -r {} +
