#!/usr/bin/env bash
# Runs the agent with its state on a full disk, in a mount namespace of its own.
# shellcheck source-path=SCRIPTDIR source=world.bash
source "$(dirname "$0")/world.bash"

rm -rf "$WORLD/kept"
cp -r "$WORLD/state" "$WORLD/kept"
mount -t tmpfs -o size=16k tmpfs "$WORLD/state" || exit 98
cp "$WORLD/kept/"* "$WORLD/state/"
cat /dev/zero >"$WORLD/state/filler" 2>/dev/null
agent
code=$?
cmp "$WORLD/kept/peers.json" "$WORLD/state/peers.json" || exit 99
exit "$code"
