"""Counters, gauges and histograms, and their text for Prometheus."""
from bisect import bisect_left
from threading import Lock

ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})


class Family:
    """All series of one name; `labels` are dicts, and equal ones mean the same series."""

    def __init__(self, kind, name, text, buckets=()):
        self.kind, self.name, self.text = kind, name, text
        self.buckets_of = buckets if callable(buckets) else lambda _labels: buckets
        self.lock = Lock()
        self.children = {}

    def inc(self, amount=1, **labels):
        with self.lock:
            key = key_of(labels)
            self.children[key] = self.children.get(key, 0) + amount

    def set(self, value, **labels):
        with self.lock:
            self.children[key_of(labels)] = value

    def observe(self, value, **labels):
        with self.lock:
            row = self._row(key_of(labels))
            row[bisect_left(self.buckets_of(labels), value)] += 1
            row[-1] += value

    def expose(self, **labels):
        """Makes the series with its zero, so that it is there before the first event."""
        with self.lock:
            key = key_of(labels)
            if self.kind == "histogram":
                self._row(key)
            else:
                self.children.setdefault(key, 0)

    def keep_only(self, wanted):
        """Drops every series whose labels aren't among these."""
        keys = {key_of(labels) for labels in wanted}
        with self.lock:
            self.children = {key: child for key, child in self.children.items() if key in keys}

    def lines(self):
        yield f"# HELP {self.name} {self.text}"
        yield f"# TYPE {self.name} {self.kind}"
        with self.lock:
            children = {key: list(row) if self.kind == "histogram" else row for key, row in self.children.items()}
        for key, child in children.items():
            yield from self._histogram_lines(key, child) if self.kind == "histogram" else (
                line(self.name, key, child),
            )

    def _row(self, key):
        # One count a bucket, one for +Inf, and the sum.
        return self.children.setdefault(key, [0] * (len(self.buckets_of(dict(key))) + 1) + [0.0])

    def _histogram_lines(self, key, row):
        *counts, total = row
        seen = 0
        for bound, count in zip([*self.buckets_of(dict(key)), "+Inf"], counts):
            seen += count
            yield line(f"{self.name}_bucket", (*key, ("le", str(bound))), seen)
        yield line(f"{self.name}_sum", key, round(total, 9))
        yield line(f"{self.name}_count", key, seen)


class Registry:
    """The families in the order in which they are served, and what is read anew at each scrape."""

    def __init__(self):
        self.families = []
        self.collectors = []

    def counter(self, name, text):
        return self._add(Family("counter", name, text))

    def gauge(self, name, text):
        return self._add(Family("gauge", name, text))

    def histogram(self, name, text, buckets):
        """Over these upper bounds, or over those that a function gives for the labels of a series."""
        return self._add(Family("histogram", name, text, buckets))

    def render(self):
        for collect in self.collectors:
            collect()
        return "\n".join(text for family in self.families for text in family.lines()) + "\n"

    def _add(self, family):
        self.families.append(family)
        return family


def key_of(labels):
    return tuple(labels.items())


def line(name, key, value):
    if not key:
        return f"{name} {value}"
    labels = ",".join(f'{label}="{str(text).translate(ESCAPES)}"' for label, text in key)
    return f"{name}{{{labels}}} {value}"
