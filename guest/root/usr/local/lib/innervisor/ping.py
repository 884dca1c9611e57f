"""RTT and loss, by fping: one process a group, whose counters live on when its targets change."""
import os
import re
import subprocess
import threading
import time

# Few between probes: a region has as many pairs as probes times peers, and each bucket is a series of each pair.
BUCKETS = {
    "mesh": (0.0002, 0.0005, 0.001, 0.002, 0.01, 0.1),
    "public": (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5),
}
PERIOD_MS = 1000
TIMEOUT_MS = 900
SILENT_S = 5
# fping writes each outcome at once; taken together, they wake this process less often.
GATHER_S = 0.2
RESTART_PAUSE_S = 2
LINE = re.compile(r"^\[[\d.]+\] (\S+)\s+: \[\d+\], (?:timed out|\d+ bytes, ([\d.]+) ms)")


class PingMetrics:
    def __init__(self, registry):
        self.sent = registry.counter(
            "innervisor_ping_sent_total", "Echo requests whose outcome is known: answered or given up after 0.9 s."
        )
        self.received = registry.counter("innervisor_ping_received_total", "Echo requests that were answered.")
        self.rtt = registry.histogram(
            "innervisor_ping_rtt_seconds", "Round-trip time of answered requests.", lambda labels: BUCKETS[labels["kind"]]
        )
        self.up = registry.gauge("innervisor_ping_up", "1 while outcomes arrive; 1 too when there is nobody to ping.")
        self.restarts = registry.counter("innervisor_ping_restarts_total", "fping processes that ended by themselves.")

    def expose(self, labels):
        for family in (self.sent, self.received, self.rtt):
            family.expose(**labels)

    def keep_only(self, wanted):
        for family in (self.sent, self.received, self.rtt):
            family.keep_only(wanted)


class Group:
    """Pings a changing set of addresses. `targets` maps each address to the labels of its series."""

    def __init__(self, name, metrics, fping="fping"):
        self.name, self.metrics, self.fping = name, metrics, fping
        self.targets = {}
        self.children = []
        self.newest = None
        self.last_outcome = time.monotonic()
        self.lock = threading.RLock()
        metrics.restarts.expose(group=name)

    def aim(self, targets):
        """Takes another set of targets. The old process goes on until the new one has seen its first outcome."""
        with self.lock:
            same = targets.keys() == self.targets.keys()
            self.targets = targets
            for labels in targets.values():
                self.metrics.expose(labels)
            if not same:
                self._start()

    def is_up(self):
        return not self.targets or time.monotonic() - self.last_outcome < SILENT_S

    def stop(self):
        with self.lock:
            self.targets = {}
            self._end_all_but(None)

    def _start(self):
        self.newest = None
        if not self.targets:
            self._end_all_but(None)
            return
        # 10 ms between two packets, less when there are more targets than fit into the period.
        gap_ms = max(1, min(10, TIMEOUT_MS // len(self.targets)))
        command = [self.fping, "-l", "-D", "-p", PERIOD_MS, "-t", TIMEOUT_MS, "-i", gap_ms]
        # A file in memory, because writing to a pipe fails where fping ends at once.
        with os.fdopen(os.memfd_create("targets"), "w+") as targets:
            targets.write("\n".join(self.targets) + "\n")
            targets.seek(0)
            try:
                child = subprocess.Popen(
                    [str(part) for part in command],
                    stdin=targets,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                )
            except OSError as error:
                print(f"{self.fping}: {error}", flush=True)
                self._try_later()
                return
        self.newest = child
        self.children.append(child)
        threading.Thread(target=self._read, args=(child,), daemon=True).start()

    def _read(self, child):
        alone = False
        for text in lines_of(child.stdout.fileno()):
            if not alone and LINE.match(text):
                alone = True
                with self.lock:
                    # Unless a still newer process has begun, which will end this one too.
                    if self.children and self.children[-1] is child:
                        self._end_all_but(child)
            self._account(text)
        child.wait()
        with self.lock:
            if child in self.children:
                self.children.remove(child)
                self._try_later()

    def _try_later(self):
        self.metrics.restarts.inc(group=self.name)
        timer = threading.Timer(RESTART_PAUSE_S, self._revive)
        timer.daemon = True
        timer.start()

    def _revive(self):
        with self.lock:
            # An older process may still ping the targets of before.
            if self.newest not in self.children:
                self._start()

    def _account(self, text):
        found = LINE.match(text)
        labels = self.targets.get(found[1]) if found else None
        if labels is None:
            return
        self.last_outcome = time.monotonic()
        self.metrics.sent.inc(**labels)
        if found[2] is not None:
            self.metrics.received.inc(**labels)
            self.metrics.rtt.observe(float(found[2]) / 1000, **labels)

    def _end_all_but(self, survivor):
        for child in [child for child in self.children if child is not survivor]:
            self.children.remove(child)
            child.terminate()


def lines_of(file):
    """The lines of a pipe until its end, some at a time."""
    rest = b""
    while chunk := os.read(file, 65536):
        *lines, rest = (rest + chunk).split(b"\n")
        yield from (one.decode(errors="replace") for one in lines)
        time.sleep(GATHER_S)
