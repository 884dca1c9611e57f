"""Latency of small direct reads and synced writes, about one of each a second, over incompressible data."""
import mmap
import os
import random
import threading
import time

BUCKETS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1)
BLOCK = 4096
FILL_BYTES = 1024 * 1024
FILL_PAUSE_S = 0.02
PERIOD_S = 1
RETRY_PAUSE_S = 60


class Disk:
    """Owns one file; `path` lies on the storage whose class stands in the label."""

    def __init__(self, registry, path, size, storage_class):
        self.path, self.size = path, size
        self.labels = {"storage_class": storage_class}
        self.latency = registry.histogram("innervisor_disk_latency_seconds", "Time of one operation.", BUCKETS)
        self.errors = registry.counter("innervisor_disk_errors_total", "Operations that failed.")
        self.ready = registry.gauge("innervisor_disk_ready", "1 when the file is written and being measured.")
        for operation in ("read", "write"):
            self.latency.expose(operation=operation, **self.labels)
            self.errors.expose(operation=operation, **self.labels)
        self.ready.set(0, **self.labels)

    def start(self):
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while True:
            try:
                self.fill()
                self._measure()
            except OSError:
                self.errors.inc(operation="write", **self.labels)
            self.ready.set(0, **self.labels)
            time.sleep(RETRY_PAUSE_S)

    def fill(self):
        """Writes the file once, slowly; a restart finds it, an interrupted filling begins anew."""
        if os.path.exists(self.path) and os.path.getsize(self.path) == self.size:
            return
        for leftover in (self.path, f"{self.path}.new"):
            if os.path.exists(leftover):
                os.unlink(leftover)
        try:
            with open(f"{self.path}.new", "wb") as file:
                for start in range(0, self.size, FILL_BYTES):
                    file.write(os.urandom(min(FILL_BYTES, self.size - start)))
                    file.flush()
                    time.sleep(FILL_PAUSE_S)
                os.fsync(file.fileno())
            os.rename(f"{self.path}.new", self.path)
        except OSError:
            # A full disk must not stay full because of us.
            if os.path.exists(f"{self.path}.new"):
                os.unlink(f"{self.path}.new")
            raise

    def _measure(self):
        # Direct I/O passes this machine's cache by; it wants aligned memory, which a mapping is.
        file = os.open(self.path, os.O_RDWR | os.O_DIRECT | os.O_DSYNC)
        try:
            with mmap.mmap(-1, BLOCK) as block:
                self.ready.set(1, **self.labels)
                while True:
                    self._time("read", lambda at: os.preadv(file, [block], at))
                    block[:] = os.urandom(BLOCK)
                    self._time("write", lambda at: os.pwritev(file, [block], at))
                    time.sleep(PERIOD_S)
        finally:
            os.close(file)

    def _time(self, operation, act):
        at = random.randrange(self.size // BLOCK) * BLOCK
        begin = time.perf_counter()
        try:
            act(at)
        except OSError:
            self.errors.inc(operation=operation, **self.labels)
            return
        self.latency.observe(time.perf_counter() - begin, operation=operation, **self.labels)
