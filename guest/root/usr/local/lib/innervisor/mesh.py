"""Who watches whom. src/domain/mesh.ts computes the very same; test/fixtures/mesh holds both to it."""
from hashlib import sha256


def digest(text):
    return sha256(text.encode()).hexdigest()


def picks(probe_id, probes, peers_max, watchers):
    """The probes that the one of this id watches, sorted by id; `probes` are entries of the peers document."""
    mesh = compute_mesh(probes, peers_max, watchers)
    return sorted(watched for watched, ids in mesh.items() if probe_id in ids)


def compute_mesh(probes, peers_max, watchers):
    """Maps each probe's id to the sorted ids of its watchers."""
    watchers = min(watchers, peers_max)
    zones = {probe["probe_id"]: probe["availability_zone"] for probe in probes}
    if len(zones) - 1 <= peers_max:
        ids = sorted(zones)
        return {watched: [one for one in ids if one != watched] for watched in ids}
    ring = sorted(zones, key=lambda one: (digest(one), one))
    return {
        watched: sorted(watchers_of(watched, ring, place, watchers, zones)) for place, watched in enumerate(ring)
    }


def watchers_of(watched, ring, place, count, zones):
    """The `count` probes before this one on the ring, the last exchanged where all are in its own zone."""
    # A negative place counts from the end, as the ring asks for.
    before = [ring[place - 1 - i] for i in range(count)]
    elsewhere = [one for one in ring if zones[one] != zones[watched]]
    if not elsewhere or any(zones[one] != zones[watched] for one in before):
        return before
    return before[:-1] + [min(elsewhere, key=lambda one: digest(f"{watched} {one}"))]
