"""A real nginx on loopback, where one is installed."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from loopback import free_port, wait_for
from mitmproxy.certs import CertStore

_CONFIG = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    {paths}
    server {{
        listen 127.0.0.1:{port}{tls};
        location / {{
            proxy_pass {upstream};
            {directives}
        }}
    }}
}}
"""


class Nginx:
    """Its `url` is known before it is started: the proxy before it and the one behind it start first."""

    def __init__(self, program: str, folder: Path, directives: str, *, tls: bool, port: int) -> None:
        self.port = port or free_port()
        self._tls = tls
        self._program, self._folder, self._directives = program, folder, directives
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    def start(self, upstream: str) -> None:
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        paths = "\n    ".join(f"{kind}_temp_path {self._folder}/{kind};" for kind in kinds)
        text = _CONFIG.format(
            folder=self._folder,
            paths=paths,
            port=self.port,
            tls=self._certificate() if self._tls else "",
            upstream=upstream,
            directives=self._directives,
        )
        config = self._folder / "nginx.conf"
        config.write_text(text)
        self._process = subprocess.Popen([self._program, "-p", str(self._folder), "-c", str(config)])
        wait_for(self._listens, "nginx to listen")

    def _certificate(self) -> str:
        CertStore.create_store(self._folder, "nginx", 2048)
        pem = self._folder / "nginx-ca.pem"
        return f" ssl http2; ssl_certificate {pem}; ssl_certificate_key {pem}"

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(10)


@contextlib.contextmanager
def nginx(folder: Path, directives: str, *, tls: bool = False, port: int = 0) -> Iterator[Nginx]:
    """At a free port by default; with `tls` it speaks HTTP/2, too.  Skips the test, saying so, where there is none."""
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if program is None:
        pytest.skip("needs nginx (apt-get install nginx)")
    folder.mkdir()
    server = Nginx(program, folder, directives, tls=tls, port=port)
    try:
        yield server
    finally:
        server.stop()
