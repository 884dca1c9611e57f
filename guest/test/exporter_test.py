"""The parts of the exporter that a real machine can't be made to show at will."""
import ipaddress
import os
import socket
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../root/usr/local/lib/innervisor"))

import agent  # noqa: E402
import dns  # noqa: E402
import ping  # noqa: E402
import steal  # noqa: E402
from cpu import Cpu  # noqa: E402
from metrics import Registry  # noqa: E402
from server import Server  # noqa: E402

MS = 1_000_000


def clock(*jumps_ms):
    """A clock that goes on by 0.05 ms a look, but for these jumps, each after 5 ms more."""
    state = {"now": 0, "looks": 0}
    jumps = list(jumps_ms)

    def look():
        state["looks"] += 1
        state["now"] += 50_000
        if jumps and state["looks"] % 100 == 0:
            state["now"] += jumps.pop(0) * MS
        return state["now"]

    return look


class Steal(unittest.TestCase):
    def test_a_quiet_machine_demands_20_ms_and_loses_none(self):
        gaps, preempted, wall = steal.burst(clock(), lambda: 0)
        self.assertEqual((gaps, preempted, round(wall / MS)), ([], 0, 20))

    def test_a_gap_without_a_switch_is_stolen_and_the_burst_goes_on_until_it_has_run(self):
        gaps, preempted, wall = steal.burst(clock(10, 4), lambda: 0)
        self.assertEqual([round(gap / MS) for gap in gaps], [10, 4])
        self.assertEqual((preempted, round(wall / MS)), (0, 34))

    def test_a_gap_with_a_switch_is_our_own(self):
        seen = iter(range(100))
        gaps, preempted, wall = steal.burst(clock(10), lambda: next(seen))
        self.assertEqual((gaps, round(preempted / MS), round(wall / MS)), ([], 10, 30))

    def test_a_burst_ends_even_where_everything_is_stolen(self):
        gaps, _, wall = steal.burst(clock(500), lambda: 0)
        self.assertEqual(len(gaps), 1)
        self.assertLess(wall / MS, 520)

    def test_a_third_stolen_reads_as_a_third_of_the_demand(self):
        cpu = Cpu(Registry())
        cpu.account({"gaps": [10 * MS], "preempted": 5 * MS, "wall": 35 * MS, "late": MS})
        self.assertAlmostEqual(cpu.stolen.children[()] / cpu.demanded.children[()], 1 / 3)

    def test_steal_that_was_ever_seen_is_supported(self):
        with tempfile.NamedTemporaryFile("w", suffix="stat") as file:
            for ticks, expected in ((7, 1), (0, 0)):
                file.seek(0)
                file.write(f"cpu  100 0 50 900 0 0 0 {ticks} 0 0\n")
                file.flush()
                cpu = Cpu(Registry(), file.name)
                cpu.told = False
                cpu.read_witness()
                self.assertEqual(cpu.supported.children[()], expected)
                self.assertEqual(cpu.witness_demanded.children[()], (150 + ticks) / 100)


class Serving(unittest.TestCase):
    def test_only_the_networks_of_prometheus_and_this_machine_are_answered(self):
        server = Server("127.0.0.1", 0, (ipaddress.ip_network("198.51.100.0/24"),), {})
        self.addCleanup(server.server_close)
        answers = {
            address: server.verify_request(None, (address, 1))
            for address in ("198.51.100.7", "::ffff:198.51.100.7", "203.0.113.1", "2001:db8::1", "127.0.0.1", "::1")
        }
        self.assertEqual(list(answers.values()), [True, True, False, False, True, True])

    def test_a_histogram_may_have_other_buckets_for_other_labels(self):
        family = Registry().histogram("h", "text", lambda labels: {"near": (1,), "far": (10, 20)}[labels["way"]])
        for way in ("near", "far"):
            family.observe(15, way=way)
        self.assertEqual(
            [text for text in family.lines() if "_bucket" in text],
            [
                'h_bucket{way="near",le="1"} 0',
                'h_bucket{way="near",le="+Inf"} 1',
                'h_bucket{way="far",le="10"} 0',
                'h_bucket{way="far",le="20"} 1',
                'h_bucket{way="far",le="+Inf"} 1',
            ],
        )

    def test_labels_and_histograms_are_what_prometheus_reads(self):
        family = Registry().histogram("h", "text", (0.1, 1))
        for value in (0.1, 0.5, 7):
            family.observe(value, name='a"b\\c\nd')
        labels = 'name="a\\"b\\\\c\\nd"'
        self.assertEqual(
            list(family.lines())[2:],
            [
                f'h_bucket{{{labels},le="0.1"}} 1',
                f'h_bucket{{{labels},le="1"}} 2',
                f'h_bucket{{{labels},le="+Inf"}} 3',
                f"h_sum{{{labels}}} 7.6",
                f"h_count{{{labels}}} 3",
            ],
        )

    def test_nothing_but_the_agents_own_lines_is_handed_on(self):
        with tempfile.NamedTemporaryFile("w") as file:
            file.write('innervisor_agent_ok 1\nup 1\n# TYPE innervisor_agent_x gauge\ninnervisor_ping_up{group="mesh"} 0\n')
            file.flush()
            self.assertEqual(agent.lines(file.name), "innervisor_agent_ok 1\n# TYPE innervisor_agent_x gauge\n")


class PingLines(unittest.TestCase):
    def test_answers_and_timeouts_are_read_and_other_lines_are_not(self):
        read = [
            (found[1], found[2]) if (found := ping.LINE.match(text)) else None
            for text in (
                "[1795520553.82611] 127.0.0.1  : [0], 64 bytes, 0.025 ms (0.025 avg, 0% loss)",
                "[1795520554.75891] ::1 : [7], timed out (NaN avg, 100% loss)",
                "127.0.0.1 : duplicate for [0], 64 bytes, 0.3 ms",
                "127.0.0.1 : xmt/rcv/%loss = 4/4/0%, min/avg/max = 0.019/0.028/0.037",
            )
        ]
        self.assertEqual(read, [("127.0.0.1", "0.025"), ("::1", None), None, None])


class Dns(unittest.TestCase):
    def answer(self, change):
        """Asks a name server of one question, whose answer is the question with `change` made to it."""
        wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(wire.close)
        wire.bind(("127.0.0.1", 0))

        def serve():
            question, sender = wire.recvfrom(512)
            wire.sendto(bytes(change(bytearray(question))), sender)

        threading.Thread(target=serve, daemon=True).start()
        return dns.ask("127.0.0.1", wire.getsockname()[1], "example.org")

    def with_code(self, code):
        def change(message):
            message[2] |= 0x80
            message[3] = code
            return message

        return change

    def test_an_answer_counts_also_when_there_is_no_such_name(self):
        self.assertTrue(self.answer(self.with_code(0)))
        self.assertTrue(self.answer(self.with_code(3)))

    def test_a_failure_or_something_else_is_no_answer(self):
        self.assertFalse(self.answer(self.with_code(2)))
        self.assertFalse(self.answer(lambda message: message))
        self.assertFalse(self.answer(lambda message: message[:5]))

    def test_only_addresses_are_asked_and_at_most_three(self):
        with tempfile.NamedTemporaryFile("w") as file:
            file.write("# x\nnameserver 192.0.2.1\nnameserver evil\nsearch a\n" + "nameserver 2001:db8::1\n" * 5)
            file.flush()
            self.assertEqual(dns.name_servers(file.name), ["192.0.2.1", "2001:db8::1", "2001:db8::1"])


if __name__ == "__main__":
    unittest.main()
