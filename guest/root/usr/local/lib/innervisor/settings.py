"""What cloud-init wrote for this probe; missing keys mean the defaults, so that an older file still works."""
import ipaddress
import json
from dataclasses import dataclass

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Settings:
    probe_id: str
    version: str
    public_targets: tuple
    storage_class: str
    dns_name: str
    scrape_networks: tuple
    disk_file_bytes: int
    mtu: int
    exporter_port: int


def load(path):
    """Reads probe.json. Raises ValueError or OSError; then the unit fails and says why."""
    with open(path, encoding="utf-8") as file:
        given = json.load(file)
    return Settings(
        probe_id=given.get("probe_id", ""),
        version=given.get("version", "unknown"),
        public_targets=tuple(str(ipaddress.ip_address(target)) for target in given.get("public_targets", [])),
        storage_class=given.get("storage_class", "local"),
        dns_name=given.get("dns_name", "."),
        scrape_networks=tuple(ipaddress.ip_network(network, strict=False) for network in given.get("scrape_networks", [])),
        disk_file_bytes=int(given.get("disk_file_mebibytes", 512)) * MEBIBYTE,
        # 0 means the MTU of the interface with the default route.
        mtu=int(given.get("mtu", 0)),
        exporter_port=int(given.get("exporter_port", 9374)),
    )
