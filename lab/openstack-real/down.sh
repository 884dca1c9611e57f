#!/bin/bash
# Stops exactly what up.sh started (pid files in run/); "down.sh --wipe" also drops the data.
B=${OSLAB_DIR:-/var/tmp/innervisor-openstack-lab}
# A pid file may outlive its process, and the number may be someone else's by now.
ours() { [ -s "$1" ] && grep -qzxF "OSLAB_DIR=$B" "/proc/$(cat "$1")/environ" 2>/dev/null; }
stop() { # seconds file...
  local limit=$1 f left; shift
  for f in "$@"; do ours "$f" && kill -TERM -- "-$(cat "$f")" 2>/dev/null; done
  for _ in $(seq $((limit * 2))); do
    left=0; for f in "$@"; do ours "$f" && left=1; done
    [ $left = 0 ] && break; sleep 0.5
  done
  for f in "$@"; do ours "$f" && kill -KILL -- "-$(cat "$f")" 2>/dev/null; rm -f "$f"; done
}
shopt -s nullglob
stop 20 "$B"/run/computes-*.pid "$B"/run/{nova-scheduler,nova-conductor,neutron,nova,glance,placement,keystone}.pid
rm -f "$B"/run/computes/*.pid
stop 30 "$B"/run/{rabbit,epmd,memcached,mariadb}.pid
if [ "${1:-}" = --wipe ]; then rm -rf "$B"/{data,run,log,etc,faults,root,clouds.yaml,namespace}; rmdir "$B" 2>/dev/null; fi
exit 0
