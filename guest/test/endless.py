"""Answers every request with bytes without end, in chunks, so that no length stands in the headers."""
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer


class Endless(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_HEAD(self):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def do_GET(self):
        self.do_HEAD()
        chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
        try:
            while True:
                self.wfile.write(chunk)
        except OSError:
            self.close_connection = True

    def log_message(self, *_):
        """Nobody reads it."""


HTTPServer(("127.0.0.1", int(sys.argv[1])), Endless).serve_forever()
