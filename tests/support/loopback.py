"""Serves a test's own answers over HTTP on loopback."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer

# How often a server looks if it is to end.
_POLL_S = 0.05


def on_any_port(handler: type[BaseHTTPRequestHandler]) -> ThreadingHTTPServer:
    """A server on a free port of loopback, which does not serve yet."""
    return ThreadingHTTPServer(("127.0.0.1", 0), handler)


@contextmanager
def serving(server: HTTPServer) -> Iterator[str]:
    """Have the server serve in the block, beside it; yields its address."""
    with server:
        threading.Thread(target=server.serve_forever, args=(_POLL_S,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
