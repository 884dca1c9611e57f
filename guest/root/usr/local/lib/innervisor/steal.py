"""Stolen time as a share of what was demanded.

An idle machine demands nothing, so nothing can be stolen from it. This process therefore spins for 20 ms each
second and looks at the clock all the while: a jump of the clock is time in which it wanted to run and didn't.
A jump during which the kernel switched to another task of this machine is its own doing and counts apart.
It is a process of its own, because a thread would wait for the interpreter's lock and take that for theft.
"""
import gc
import json
import resource
import sys
import time

PERIOD_NS = 1_000_000_000
RUN_NS = 20_000_000
WALL_MAX_NS = 200_000_000
# Timer interrupts and exits of the machine take tens of microseconds; a scheduler's turn takes milliseconds.
GAP_NS = 200_000


def switches():
    return resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw


def burst(clock=time.perf_counter_ns, switched=switches):
    """Spins until it has run for 20 ms, 200 ms at most. Gives the gaps, preempted and all time, in nanoseconds."""
    gaps, stolen, preempted = [], 0, 0
    known = switched()
    begin = last = clock()
    while True:
        now = clock()
        gap = now - last
        last = now
        if gap > GAP_NS:
            seen = switched()
            if seen == known:
                gaps.append(gap)
                stolen += gap
            else:
                preempted += gap
            known = seen
        wall = now - begin
        if wall - stolen - preempted >= RUN_NS or wall >= WALL_MAX_NS:
            return gaps, preempted, wall


def main():
    gc.disable()
    due = time.monotonic_ns()
    while True:
        due += PERIOD_NS
        time.sleep(max(0, due - time.monotonic_ns()) / 1e9)
        late = time.monotonic_ns() - due
        gaps, preempted, wall = burst()
        report = {"late": late, "gaps": gaps, "preempted": preempted, "wall": wall}
        sys.stdout.write(json.dumps(report) + "\n")
        sys.stdout.flush()
        # After a suspension the missed bursts aren't made up for.
        due = max(due, time.monotonic_ns() - PERIOD_NS)


if __name__ == "__main__":
    main()
