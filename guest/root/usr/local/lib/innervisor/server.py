"""Serves /metrics to the networks that may scrape, and /peers to this machine's agent."""
import ipaddress
import json
import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import BoundedSemaphore

REQUEST_TIMEOUT_S = 5
REQUESTS_MAX = 16


class Server(ThreadingHTTPServer):
    """`networks` are those that get an answer; none means all. Loopback always does."""

    daemon_threads = True

    def __init__(self, host, port, networks, pages):
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.networks, self.pages = networks, pages
        self.slots = BoundedSemaphore(REQUESTS_MAX)
        super().__init__((host, port), Handler)

    def server_bind(self):
        if self.address_family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()

    def verify_request(self, request, client_address):
        address = plain_address(client_address[0])
        if address.is_loopback or not self.networks:
            return True
        return any(address in network for network in self.networks)

    def process_request(self, request, client_address):
        if not self.slots.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request, client_address):
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.slots.release()


class Handler(BaseHTTPRequestHandler):
    timeout = REQUEST_TIMEOUT_S

    def do_GET(self):
        render = self.server.pages.get(self.path)
        if render is None:
            self.send_error(404)
            return
        body = render().encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """A scrape is no news."""


def plain_address(text):
    address = ipaddress.ip_address(text.split("%")[0])
    return getattr(address, "ipv4_mapped", None) or address


def as_json(status):
    return lambda: json.dumps(status()) + "\n"
