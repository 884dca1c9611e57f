"""The list of peers in force: read again when the agent has replaced it, without a restart."""
import ipaddress
import json
import os

SCHEMA = 1
PEERS_MAX = 1000
BYTES_MAX = 4 * 1024 * 1024


class Peers:
    """Watches the agent's file; a bad one changes nothing but `error`."""

    def __init__(self, path):
        self.path = path
        self.generation = 0
        self.sha256 = ""
        self.labels = {}
        self.error = None
        self._seen = None

    def refresh(self):
        """Reads the file if it is another than last time; True when the list in force has changed."""
        try:
            stat = os.stat(self.path)
        except FileNotFoundError:
            return False
        seen = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
        if seen == self._seen:
            return False
        self._seen = seen
        try:
            self._adopt(stat.st_size)
        except (OSError, ValueError, KeyError, TypeError) as error:
            self.error = f"{type(error).__name__}: {error}"
            return False
        self.error = None
        return True

    def _adopt(self, size):
        if size > BYTES_MAX:
            raise ValueError(f"more than {BYTES_MAX} bytes")
        with open(self.path, encoding="utf-8") as file:
            document = json.load(file)
        if document["schema"] != SCHEMA:
            raise ValueError(f"schema {document['schema']!r}")
        if len(document["peers"]) > PEERS_MAX:
            raise ValueError(f"more than {PEERS_MAX} peers")
        labels = {str(ipaddress.ip_address(peer["address"])): labels_of(peer) for peer in document["peers"]}
        # Everything was read before anything is taken over.
        generation, sha256 = int(document["generation"]), str(document["sha256"])
        self.generation, self.sha256, self.labels = generation, sha256, labels

    def status(self):
        """What the agent asks for to see that its list is in force."""
        return {
            "generation": self.generation,
            "sha256": self.sha256,
            "peers": len(self.labels),
            "error": self.error,
        }


def labels_of(peer):
    return {
        "kind": "mesh",
        "peer_id": str(peer["probe_id"]),
        "peer_hypervisor": str(peer["hypervisor"]),
        "peer_zone": str(peer["availability_zone"] or "unknown"),
    }
