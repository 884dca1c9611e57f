"""Chooses from a verified peers document whom this probe pings: `choose.py SETTINGS DOCUMENT`, the choice on stdout.

Refuses the whole document for one bad peer: such a list isn't what its publisher meant."""
import hashlib
import ipaddress
import json
import sys

import mesh

PEERS_MAX = 10_000
TEXT_MAX = 255
FIELDS = ("probe_id", "address", "hypervisor", "availability_zone")


def main(settings_path, document_path):
    with open(settings_path, encoding="utf-8") as file:
        settings = json.load(file)
    with open(document_path, "rb") as file:
        verified = file.read()
    try:
        chosen = choose(settings, json.loads(verified))
    except Refused as refusal:
        sys.exit(str(refusal))
    chosen["sha256"] = hashlib.sha256(verified).hexdigest()
    print(json.dumps(chosen, sort_keys=True))


class Refused(Exception):
    """Why the document isn't taken."""


def choose(settings, document):
    networks = [ipaddress.ip_network(network, strict=False) for network in settings.get("peer_networks", [])]
    peers = document.get("peers")
    if not isinstance(peers, list) or len(peers) > PEERS_MAX:
        raise Refused(f"peers is no list of at most {PEERS_MAX}")
    for peer in peers:
        check(peer, networks)
    for field in ("probe_id", "address"):
        twice = first_twice(peer[field] for peer in peers)
        if twice is not None:
            raise Refused(f"{field} {twice} stands there twice")
    own = {"probe_id": settings["probe_id"], "availability_zone": settings["availability_zone"] or None}
    others = [peer for peer in peers if peer["probe_id"] != own["probe_id"]]
    # A probe that isn't listed yet takes the place that it is going to have.
    everyone = [*others, next((peer for peer in peers if peer not in others), own)]
    picked = set(mesh.picks(own["probe_id"], everyone, settings["peers_max"], settings["watchers"]))
    return {
        "schema": 1,
        "generation": document["generation"],
        "listed": len(peers),
        "peers": [{field: peer[field] for field in FIELDS} for peer in others if peer["probe_id"] in picked],
    }


def check(peer, networks):
    if not isinstance(peer, dict):
        raise Refused("a peer is no object")
    for field in FIELDS:
        value = peer.get(field)
        if field == "availability_zone" and value is None:
            continue
        if not isinstance(value, str) or not 0 < len(value) <= TEXT_MAX:
            raise Refused(f"{field} of a peer is no text of at most {TEXT_MAX} characters")
    try:
        address = ipaddress.ip_address(peer["address"])
    except ValueError:
        raise Refused(f"{peer['address']!r} is no IP address") from None
    # A name, an interface behind % or another spelling could reach what the networks don't allow.
    if str(address) != peer["address"] or "%" in peer["address"]:
        raise Refused(f"{peer['address']!r} is not the plain spelling of {address}")
    if address.is_multicast or address.is_unspecified or address == ipaddress.ip_address("255.255.255.255"):
        raise Refused(f"{address} is no address of one machine")
    if networks and not any(address in network for network in networks):
        raise Refused(f"{address} is in none of the peer networks")


def first_twice(values):
    seen = set()
    for value in values:
        if value in seen:
            return value
        seen.add(value)
    return None


if __name__ == "__main__":
    main(*sys.argv[1:])
