"""The command line of ``streamwatch probe``."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from ..files import check_writable, write_private
from ..headers import header
from ..model import Headers, Record
from ..report import RENDERERS, check_name, render
from . import show
from .blame import blame
from .legs import DIRECT, MITMDUMP_LEGS, Leg, LegResult, ProbeRequest, legs

FROM_ENVIRONMENT = "environment"


def add(parser: argparse.ArgumentParser, script: Path) -> None:
    """Fill the parser of the subcommand.  `script` is the addon script for the mitmdump on the way."""
    parser.description = (
        "Send one request several times (directly by HTTP/1.1 and HTTP/2, with and without compression accepted; "
        "through a mitmdump with streamwatch, read as it comes and only at its end) and say who holds the response "
        "back: the server, a hop, a proxy, or the way the client reads. That is up to seven requests, each billed as "
        "usual. Exit code 0: nobody on the path holds it back; 1: somebody does; 2: unclear, or it could not be asked."
    )
    parser.add_argument("url", metavar="URL", help="the endpoint to ask")
    parser.add_argument(
        "--header",
        "-H",
        action="append",
        default=[],
        type=_header,
        metavar="NAME:VALUE",
        help="send this header; repeatable",
    )
    parser.add_argument("--json", type=_body, metavar="TEXT", help="the body, sent by POST; @FILE reads it from a file")
    parser.add_argument("--upstream", metavar="URL", help="also ask the model's server itself, behind the hops")
    parser.add_argument(
        "--proxy",
        nargs="?",
        const=FROM_ENVIRONMENT,
        metavar="URL",
        help="also ask through this proxy; without a URL, through the one set in the environment",
    )
    parser.add_argument(
        "--timeout", type=float, default=120.0, metavar="SECONDS", help="longest silence (default: 120)"
    )
    parser.add_argument("--insecure", "-k", action="store_true", help="accept any TLS certificate")
    parser.add_argument("--output", type=Path, metavar="FILE", help=f"also write all records: {', '.join(RENDERERS)}")
    parser.set_defaults(run=lambda args: run(args, script))


def run(args: argparse.Namespace, script: Path) -> int:
    """Run the probe and return the exit code.  Raises ValueError, with one line for the user, if it can't be done."""
    probe_request = _probe_request(args)
    out: Path | None = args.output
    if out:
        check_name(str(out))
        check_writable(out)
    results = list(_run_legs(probe_request, script))
    if out:
        write_private(out, render(list(_records(results)), str(out)))
    finding = blame(results)
    print(show.render(probe_request, results, finding), end="")
    return 2 if finding.held is None else int(finding.held)


def _records(results: list[LegResult]) -> Iterator[Record]:
    for result in results:
        yield result.record
        if result.proxy_record:
            yield result.proxy_record


# --- the question ---------------------------------------------------------------------------------------------


def _probe_request(args: argparse.Namespace) -> ProbeRequest:
    proxy = _proxy(args)
    # The messages repeat none of it: in what is no URL a password can't be recognized.
    for name, url in (("URL", args.url), ("--upstream", args.upstream)):
        if url and not _is_url(url, "https?"):
            raise ValueError(f"{name}: not a URL that begins with http:// or https:// and a host")
    if proxy and not _is_url(proxy, "https?|socks5h?"):
        raise ValueError("--proxy: not a URL that begins with http://, https:// or socks5:// and a host")
    method, typed = ("GET", ()) if args.json is None else ("POST", (("content-type", "application/json"),))
    given = {name.lower() for name, _ in args.header}
    headers: Headers = (*args.header, *(pair for pair in typed if pair[0] not in given))
    return ProbeRequest(method, args.url, headers, args.json or b"", args.upstream, proxy, args.insecure, args.timeout)


def _is_url(url: str, scheme: str) -> bool:
    try:
        split = urlsplit(url)
        return bool(re.fullmatch(scheme, split.scheme) and split.hostname and split.port != 0)
    except ValueError:
        return False


def _proxy(args: argparse.Namespace) -> str | None:
    if args.proxy != FROM_ENVIRONMENT:
        return str(args.proxy) if args.proxy else None
    from urllib.request import getproxies  # it imports HTTP and e-mail: the other commands start sooner without them

    named = getproxies()
    found = named.get(urlsplit(args.url).scheme) or named.get("all")
    if found is None:
        raise ValueError("the environment names no proxy (HTTP_PROXY, HTTPS_PROXY, ALL_PROXY)")
    return found


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise argparse.ArgumentTypeError("a header must be NAME: VALUE; this one has no colon or no name")
    return name.strip(), value.strip()


def _body(text: str) -> bytes:
    if not text.startswith("@"):
        return text.encode()
    try:
        return Path(text[1:]).read_bytes()
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{text[1:]}: {error.strerror or error}") from error


# --- the legs -------------------------------------------------------------------------------------------------


def _run_legs(probe_request: ProbeRequest, script: Path) -> Iterator[LegResult]:
    try:
        from .client import send_leg
    except ImportError as error:
        raise ValueError(f"the probe needs httpx: pip install 'mitmproxy-streamwatch[probe]' ({error})") from error
    from .watcher import run_proxy

    def ask(leg: Leg, url: str) -> Record:
        print(f"{leg.name} ...", file=sys.stderr)
        return send_leg(probe_request, leg, url)

    for leg in legs(probe_request):
        record = ask(
            leg, probe_request.upstream if leg.route == "upstream" and probe_request.upstream else probe_request.url
        )
        if leg is DIRECT and (record.response is None or record.response.status >= 400):
            raise ValueError(_refused(record))
        yield LegResult(leg, record)
    keep_host = header(probe_request.headers, "host") is not None
    with run_proxy(
        script, _origin(probe_request.url), insecure=probe_request.insecure, keep_host=keep_host
    ) as mitmdump:
        for number, leg in enumerate(MITMDUMP_LEGS):
            yield LegResult(leg, ask(leg, _through(mitmdump.url, probe_request.url)), mitmdump.record(number))


def _origin(url: str) -> str:
    split = urlsplit(url)
    host = split.hostname or ""
    port = split.port or (443 if split.scheme == "https" else 80)
    return f"{split.scheme}://{f'[{host}]' if ':' in host else host}:{port}"


def _through(mitmdump: str, url: str) -> str:
    """`url`, but at the mitmdump that listens at `mitmdump`."""
    split, there = urlsplit(url), urlsplit(mitmdump)
    userinfo, at, _ = split.netloc.rpartition("@")  # credentials, which httpx sends
    return split._replace(scheme=there.scheme, netloc=f"{userinfo}{at}{there.netloc}", fragment="").geturl()


def _refused(record: Record) -> str:
    if record.response is None:
        return f"{record.request.url}: {record.error}"
    return f"{record.request.url} answers {record.response.status}: {record.verdict.summary}"
