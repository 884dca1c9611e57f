"""Takes over what the stealing process reports, and reads the kernel's own view as its witness."""
import json
import os
import subprocess
import sys
import threading
import time

import cpuid

BUCKETS = (0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128)
DELAY_BUCKETS = (0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.1)
RESTART_PAUSE_S = 2
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


class Cpu:
    def __init__(self, registry, stat="/proc/stat"):
        self.stat = stat
        add = registry.counter
        self.demanded = add("innervisor_steal_demanded_seconds_total", "Time in which the burst wanted to run.")
        self.stolen = add("innervisor_steal_stolen_seconds_total", "Time of it in which the hypervisor ran others.")
        self.preempted = add("innervisor_steal_preempted_seconds_total", "Gaps of this machine's own making.")
        self.bursts = add("innervisor_steal_bursts_total", "Bursts that were run, about one a second.")
        self.gaps = registry.histogram("innervisor_steal_gap_seconds", "Gaps that the burst saw.", BUCKETS)
        self.delay = registry.histogram("innervisor_timer_delay_seconds", "Delay of a one-second timer.", DELAY_BUCKETS)
        self.witness_stolen = add("innervisor_steal_witness_stolen_seconds_total", "Steal in /proc/stat.")
        self.witness_demanded = add(
            "innervisor_steal_witness_demanded_seconds_total", "Steal, user and system in /proc/stat."
        )
        self.supported = registry.gauge(
            "innervisor_steal_supported", "1 where the hypervisor tells about steal, so that a zero of it means none."
        )
        for family in (self.demanded, self.stolen, self.preempted, self.bursts, self.gaps, self.delay):
            family.expose()
        self.told = cpuid.tells_steal()
        registry.collectors.append(self.read_witness)

    def start(self):
        threading.Thread(target=self._run, daemon=True).start()

    def account(self, report):
        stolen = sum(report["gaps"])
        self.bursts.inc()
        self.demanded.inc((report["wall"] - report["preempted"]) / 1e9)
        self.stolen.inc(stolen / 1e9)
        self.preempted.inc(report["preempted"] / 1e9)
        for gap in report["gaps"]:
            self.gaps.observe(gap / 1e9)
        self.delay.observe(report["late"] / 1e9)

    def read_witness(self):
        with open(self.stat, encoding="ascii") as file:
            user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, file.readline().split()[1:9])
        self.witness_stolen.set(steal / TICKS_PER_S)
        self.witness_demanded.set((steal + user + nice + system + irq + softirq) / TICKS_PER_S)
        self.supported.set(1 if self.told or steal > 0 else 0)

    def _run(self):
        program = os.path.join(os.path.dirname(__file__), "steal.py")
        while True:
            with subprocess.Popen([sys.executable, "-S", program], stdout=subprocess.PIPE, text=True) as child:
                for text in child.stdout:
                    self.account(json.loads(text))
            time.sleep(RESTART_PAUSE_S)
