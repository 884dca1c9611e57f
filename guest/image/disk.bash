#!/usr/bin/env bash
# Runs as a hook of mmdebstrap, where files have their final owners: disk.bash ROOT RECIPE OUT
# lays the recipe's files over the tree ROOT and makes a bootable disk of it.
set -euo pipefail
root=$1 recipe=$2 out=$3

# A partition begins at the usual mebibyte; GRUB lies in the gap before it, where its own code expects it.
readonly sector=512 first_sector=2048 disk_mebibytes=1024

install_files() {
  cp -R --no-preserve=ownership "$recipe/root/." "$root/"
  # The name servers themselves, not the stub: a probe measures them.
  ln -sf ../run/systemd/resolve/resolv.conf "$root/etc/resolv.conf"
  # Each probe makes its own.
  : >"$root/etc/machine-id"
  rm -f "$root"/etc/ssh/ssh_host_*_key* "$root/etc/hostname" "$root/var/lib/dbus/machine-id"
}

# What was fetched, and what this machine gave the build to fetch it with.
remove_traces() {
  chroot "$root" apt-get clean
  rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*.bin "$root"/etc/apt/apt.conf.d/99mmdebstrap
}

# Nobody logs in but with a key that the operator has configured; then user-data enables it.
disable_ssh() { chroot "$root" systemctl disable ssh.service ssh.socket 2>/dev/null; }

lock_root() { chroot "$root" passwd --quiet --lock root; }

write_disk() {
  local partition=$((disk_mebibytes * 1024 * 1024 / sector - first_sector))
  # The bind mount shows the tree without /proc and what else is mounted in it while mmdebstrap works.
  mkdir "$out/tree"
  unshare --mount sh -c 'mount --bind "$1" "$2" && exec mke2fs -q -t ext4 -L probe -d "$2" "$3" "$4"' tree \
    "$root" "$out/tree" "$out/partition" "$((partition * sector / 1024))k"
  rmdir "$out/tree"
  truncate --size "${disk_mebibytes}M" "$out/disk"
  printf 'label: dos\nstart=%d, size=%d, type=83, bootable\n' "$first_sector" "$partition" | sfdisk --quiet "$out/disk"
  dd if="$out/partition" of="$out/disk" bs=1M seek=1 conv=notrunc,sparse status=none
  rm "$out/partition"
}

write_boot_loader() {
  local modules=(biosdisk part_msdos ext2 linux normal)
  grub-mkimage -O i386-pc -o "$out/core.img" -p '(hd0,msdos1)' -c "$recipe/grub.cfg" "${modules[@]}"
  (($(stat -c %s "$out/core.img") < (first_sector - 1) * sector))
  # Up to the partition table, which is in the same sector.
  dd if=/usr/lib/grub/i386-pc/boot.img of="$out/disk" bs=440 count=1 conv=notrunc status=none
  dd if="$out/core.img" of="$out/disk" bs="$sector" seek=1 conv=notrunc status=none
  rm "$out/core.img"
}

list_packages() { dpkg-query --root="$root" -W -f '${Package} ${Version} ${Architecture}\n' >"$out/packages"; }

install_files
disable_ssh
lock_root
remove_traces
list_packages
write_disk
write_boot_loader
