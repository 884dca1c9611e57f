#!/usr/bin/env bash
# Makes a probe's tree of Debian's: mmdebstrap runs it with the tree's path when all packages are installed.
set -euo pipefail

root=$1
here=$(dirname "$(realpath "$0")")

tar -C "$here/root" --owner=0 --group=0 --mode='u=rwX,go=rX' -c . | tar -C "$root" -x --no-overwrite-dir

chroot "$root" systemctl --quiet enable systemd-networkd.service systemd-resolved.service systemd-timesyncd.service
# A probe isn't upgraded but replaced by one of a newer image, and nothing may run beside its measurements.
chroot "$root" systemctl --quiet mask \
  apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service

# Not the stub: the exporter reads the name servers' own addresses here.
ln -sfn /run/systemd/resolve/resolv.conf "$root/etc/resolv.conf"

# mmdebstrap takes these over from the machine that builds.
install -m 644 /dev/stdin "$root/etc/hostname" <<<probe
rm -f "$root/etc/apt/sources.list.d/"* "$root/etc/apt/apt.conf.d/99mmdebstrap" "$root/etc/dpkg/dpkg.cfg.d/99mmdebstrap"
cat >"$root/etc/apt/sources.list" <<'SOURCES'
deb http://deb.debian.org/debian bookworm main
deb http://deb.debian.org/debian bookworm-updates main
deb http://deb.debian.org/debian-security bookworm-security main
SOURCES

# Each probe makes its own at its first boot.
rm -f "$root/etc/ssh/ssh_host_"*
: >"$root/etc/machine-id"

awk -F : '$2 !~ /^[*!]/ { print "customize.sh: " $1 " has a password or needs none"; bad = 1 } END { exit bad }' \
  "$root/etc/shadow" >&2
