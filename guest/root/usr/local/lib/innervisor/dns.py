"""Answer time of the name servers that this machine uses."""
import ipaddress
import os
import socket
import struct
import threading
import time

BUCKETS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2)
PERIOD_S = 10
TIMEOUT_S = 2
SERVERS_MAX = 3
PORT = 53
TYPE_A, TYPE_NS, CLASS_IN = 1, 2, 1
NOERROR, NXDOMAIN = 0, 3


class Dns:
    def __init__(self, registry, name, resolv_conf, port=PORT):
        self.name, self.resolv_conf, self.port = name, resolv_conf, port
        self.duration = registry.histogram("innervisor_dns_duration_seconds", "Time to an answer.", BUCKETS)
        self.queries = registry.counter("innervisor_dns_queries_total", "Questions asked.")
        self.answers = registry.counter("innervisor_dns_answers_total", "Questions answered, be it that there is none.")

    def start(self):
        threading.Thread(target=self._run, daemon=True).start()

    def ask_all(self):
        for server in name_servers(self.resolv_conf):
            for family in (self.queries, self.answers, self.duration):
                family.expose(server=server)
            self.queries.inc(server=server)
            begin = time.perf_counter()
            if ask(server, self.port, self.name):
                self.answers.inc(server=server)
                self.duration.observe(time.perf_counter() - begin, server=server)

    def _run(self):
        while True:
            self.ask_all()
            time.sleep(PERIOD_S)


def name_servers(path):
    """The first three name servers, as the resolver itself would take them."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            words = [text.split() for text in file]
    except OSError:
        return []
    found = [word[1] for word in words if len(word) > 1 and word[0] == "nameserver"]
    return [server for server in found if is_address(server)][:SERVERS_MAX]


def is_address(text):
    try:
        return bool(ipaddress.ip_address(text.split("%")[0]))
    except ValueError:
        return False


def ask(server, port, name):
    """Asks one question by UDP; True when the answer to it came in time and is one."""
    identity = os.urandom(2)
    family = socket.AF_INET6 if ":" in server else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as wire:
        wire.settimeout(TIMEOUT_S)
        try:
            wire.connect((server, port))
            wire.send(question(identity, name))
            answer = wire.recv(4096)
        except OSError:
            return False
    if len(answer) < 12 or answer[:2] != identity or not answer[2] & 0x80:
        return False
    return answer[3] & 0x0F in (NOERROR, NXDOMAIN)


def question(identity, name):
    """RFC 1035: header with recursion desired, then the name; of the root its name servers are asked."""
    parts = [part.encode("idna") for part in name.strip(".").split(".") if part]
    labels = b"".join(bytes([len(part)]) + part for part in parts)
    kind = TYPE_A if parts else TYPE_NS
    return identity + struct.pack(">HHHHH", 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">HH", kind, CLASS_IN)
