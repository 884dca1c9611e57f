#!/bin/sh
# Makes the inside of a container for the namespaces in which it is started, and waits there until it is killed.
# Arguments: an empty folder, the name, the address with its prefix, what is still to be run as root inside and where,
# `ro` or `rw` for the root, and then for each mount its source, which may be `tmpfs`, its target and `ro` or `rw`.
set -eu
root=$1 name=$2 address=$3 folder=$4 setup=$5 mode=$6
shift 6

hostname "$name"
until ip link show eth0 >/dev/null 2>&1; do sleep 0.05; done
ip link set lo up
ip address add "$address" dev eth0
ip link set eth0 up

mount -t tmpfs -o mode=755 tmpfs "$root"
mkdir "$root/usr" "$root/proc" "$root/sys" "$root/dev" "$root/etc" "$root/run"
mkdir -m 1777 "$root/tmp"
for own in bin sbin lib lib64; do
  if [ -L "/$own" ]; then
    cp -P "/$own" "$root/$own"
  elif [ -d "/$own" ]; then
    mkdir "$root/$own"
    mount --rbind "/$own" "$root/$own"
  fi
done
for own in usr proc sys dev; do mount --rbind "/$own" "$root/$own"; done
# Nothing that this machine has of its own but the system's.
mount -t tmpfs -o mode=755 tmpfs "$root/usr/local"
mkdir "$root/usr/local/bin"
cp -a /etc/alternatives /etc/ld.so.cache /etc/nsswitch.conf "$root/etc/"

while [ $# -gt 0 ]; do
  if [ -f "$1" ]; then
    mkdir -p "$(dirname "$root$2")"
    touch "$root$2"
  else
    mkdir -p "$root$2"
  fi
  case $1 in
    tmpfs) mount -t tmpfs -o mode=1777 tmpfs "$root$2" ;;
    *) mount --bind "$1" "$root$2" ;;
  esac
  if [ "$3" = ro ]; then mount -o remount,bind,ro "$root$2"; fi
  shift 3
done

# shellcheck disable=SC2016 # it is the inner shell that is given both
chroot "$root" sh -euc 'mkdir -p "$0" && cd "$0" && eval "$1"' "$folder" "$setup"
if [ "$mode" = ro ]; then
  for own in usr/local .; do mount -o remount,ro "$root/$own"; done
fi
exec chroot "$root" sleep infinity
