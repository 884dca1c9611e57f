"""The probe's exporter: what a virtual machine feels on its hypervisor, for Prometheus."""
import argparse
import signal
import threading

import agent
from cpu import Cpu
from disk import Disk
from dns import Dns
from metrics import Registry
from mtu import Mtu
from peers import Peers
from ping import Group, PingMetrics
from server import Server, as_json
from settings import load

PEERS_LOOK_S = 0.5


class Exporter:
    def __init__(self, options):
        self.settings = settings = load(options.settings)
        self.registry = registry = Registry()
        self.options = options
        self.peers = Peers(options.peers)
        self.ping = PingMetrics(registry)
        self.mesh = Group("mesh", self.ping)
        self.public = Group("public", self.ping)
        self.mtu = Mtu(registry, lambda: self.peers.labels, settings.mtu)
        self.cpu = Cpu(registry)
        self.disk = Disk(registry, options.disk_file, settings.disk_file_bytes, settings.storage_class)
        self.dns = Dns(registry, settings.dns_name, options.resolv_conf)
        self.generation = registry.gauge("innervisor_ping_peers_generation", "Generation of the list in force.")
        self.count = registry.gauge("innervisor_ping_peers", "Peers that are pinged.")
        self.loaded = registry.gauge("innervisor_ping_peers_load_ok", "1 when the agent's last list was taken over.")
        info = registry.gauge("innervisor_exporter_info", "Version of the files that cloud-init brought.")
        info.set(1, version=settings.version)
        registry.collectors.append(self.collect)

    def run(self):
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        pages = {"/metrics": self.render, "/peers": as_json(self.peers.status)}
        server = listen(self.options.listen, self.settings, pages)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.public.aim({target: {"kind": "public", "target": target} for target in self.settings.public_targets})
        self.look()
        for part in (self.cpu, self.disk, self.dns, self.mtu):
            part.start()
        while not stopping.wait(PEERS_LOOK_S):
            self.look()
        self.mesh.stop()
        self.public.stop()

    def look(self):
        """Takes over a new list; series of those who left go with them."""
        if self.peers.refresh():
            self.mesh.aim(dict(self.peers.labels))
            self.ping.keep_only([*self.mesh.targets.values(), *self.public.targets.values()])

    def collect(self):
        self.generation.set(self.peers.generation)
        self.count.set(len(self.peers.labels))
        self.loaded.set(0 if self.peers.error else 1)
        for group in (self.mesh, self.public):
            self.ping.up.set(int(group.is_up()), group=group.name)

    def render(self):
        return self.registry.render() + agent.lines(self.options.agent_status)


def listen(address, settings, pages):
    """On all addresses of both families, or of the one that this machine has."""
    for host in [address] if address else ["::", "0.0.0.0"]:
        try:
            return Server(host, settings.exporter_port, settings.scrape_networks, pages)
        except OSError as error:
            last = error
    raise last


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listen", metavar="ADDRESS", help="one address instead of all")
    parser.add_argument("--settings", default="/etc/innervisor/probe.json")
    parser.add_argument("--peers", default="/var/lib/innervisor-agent/peers.json")
    parser.add_argument("--agent-status", default="/run/innervisor-agent/status.prom")
    parser.add_argument("--disk-file", default="/var/lib/innervisor-exporter/disk")
    parser.add_argument("--resolv-conf", default="/etc/resolv.conf")
    Exporter(parser.parse_args()).run()


if __name__ == "__main__":
    main()
