"""Whether a packet of the full MTU that may not be cut comes through: one a minute and peer, by fping."""
import re
import subprocess
import threading
import time

PERIOD_S = 60
TIMEOUT_MS = 900
COMMAND_TIMEOUT_S = 50
# fping's own limit on a payload.
PAYLOAD_MAX = 65488
HEADERS = {4: 20 + 8, 6: 40 + 8}
LINE = re.compile(r"^(\S+)\s+: ([\d.]+|-)\s*$")


class Mtu:
    """`targets` gives the addresses with their labels anew each time."""

    def __init__(self, registry, targets, mtu=0, fping="fping"):
        self.targets, self.mtu, self.fping = targets, mtu, fping
        self.full = registry.gauge(
            "innervisor_ping_full_mtu_ok", "1 when the last packet of the full MTU was answered, 0 when not."
        )

    def start(self):
        threading.Thread(target=self._run, daemon=True).start()

    def probe_all(self):
        targets = dict(self.targets())
        self.full.keep_only(targets.values())
        for version, headers in HEADERS.items():
            some = [address for address in targets if (":" in address) == (version == 6)]
            if not some:
                continue
            payload = min((self.mtu or default_mtu()) - headers, PAYLOAD_MAX)
            for address, answered in self._probe(some, version, payload).items():
                self.full.set(int(answered), **targets[address])

    def _probe(self, addresses, version, payload):
        command = [self.fping, f"-{version}", "-M", "-q", "-C", "1", "-t", str(TIMEOUT_MS), "-b", str(payload)]
        done = subprocess.run(
            command,
            input="\n".join(addresses) + "\n",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            timeout=COMMAND_TIMEOUT_S,
            check=False,
        )
        found = filter(None, map(LINE.match, done.stderr.splitlines()))
        return {match[1]: match[2] != "-" for match in found if match[1] in addresses}

    def _run(self):
        while True:
            try:
                self.probe_all()
            except (OSError, subprocess.TimeoutExpired) as error:
                print(f"full MTU: {error}", flush=True)
            time.sleep(PERIOD_S)


def default_mtu(route="/proc/net/route", interfaces="/sys/class/net"):
    """MTU of the interface that the default route leaves by, else what every network carries."""
    try:
        with open(route, encoding="ascii") as file:
            rows = [text.split() for text in file][1:]
        name = next(row[0] for row in rows if row[1] == "00000000")
        with open(f"{interfaces}/{name}/mtu", encoding="ascii") as file:
            return int(file.read())
    except (OSError, StopIteration, IndexError):
        return 1500
