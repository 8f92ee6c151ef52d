"""An https server on loopback with everything fetching can meet: git repositories, archives, an index, GitHub's API."""

import base64
import http.server
import json
import os
import ssl
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit


def make_certificate(folder: Path, *names: str) -> tuple[Path, Path]:
    """A self-signed certificate and its key, for these host names."""
    certificate, key = folder / "cert.pem", folder / "key.pem"
    san = ",".join(f"DNS:{name}" for name in names)
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test", "-addext"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*command, f"subjectAltName={san}", *files], check=True, capture_output=True)
    certificate.chmod(0o644)
    return certificate, key


@dataclass
class Server:
    """The running server.

    :ivar pages: path → (status, headers, body), beside the repositories under ``/git/``.
    :ivar seen: (path, Authorization header) of every request.
    """

    port: int
    root: Path
    token: str | None = None
    delay: float = 0.0
    pages: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    seen: list[tuple[str, str | None]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    def page(self, path: str, body: bytes | Any, status: int = 200, **headers: str) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        kind = {} if isinstance(body, bytes) else {"Content-Type": "application/json"}
        self.pages[path] = (status, {**kind, **{key.replace("_", "-"): value for key, value in headers.items()}}, data)


class _Handler(http.server.BaseHTTPRequestHandler):
    server_of: ClassVar[Callable[[], Server]]
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._serve(body)

    def _serve(self, body: bytes) -> None:
        server = type(self).server_of()
        given = self.headers.get("Authorization")
        server.seen.append((self.path, given))
        time.sleep(server.delay)
        path = urlsplit(self.path).path
        if path in server.pages:
            status, headers, data = server.pages[path]
            self.send_response(status)
            for key, value in {**headers, "Content-Length": str(len(data))}.items():
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(data)
        elif path.startswith("/git/"):
            if server.token is not None and given not in (
                f"Bearer {server.token}",
                "Basic " + base64.b64encode(f"x-access-token:{server.token}".encode()).decode(),
            ):
                self.send_error(401)
                return
            self._git(server, body)
        else:
            self.send_error(404)

    def _git(self, server: Server, body: bytes) -> None:
        parts = urlsplit(self.path)
        env = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(server.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "safe.directory",
            "GIT_CONFIG_VALUE_0": "*",
            "PATH_INFO": parts.path.removeprefix("/git"),
            "QUERY_STRING": parts.query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }
        done = subprocess.run(["git", "http-backend"], input=body, capture_output=True, env=env, check=False)
        head, _, data = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
        self.send_response(int(headers.pop("Status", "200").split()[0]))
        for key, value in {**headers, "Content-Length": str(len(data))}.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(data)


def serve(root: Path, certificate: Path, key: Path) -> tuple[Server, Callable[[], None]]:
    """Start; the server, and how to stop it."""
    handler = type("Handler", (_Handler,), {})
    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    httpd.socket = context.wrap_socket(httpd.socket, server_side=True)
    server = Server(httpd.server_address[1], root)
    handler.server_of = staticmethod(lambda: server)  # type: ignore[attr-defined]
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()

    def stop() -> None:
        httpd.shutdown()
        httpd.server_close()
        thread.join()

    return server, stop
