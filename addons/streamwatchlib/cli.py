"""The ``streamwatch`` command: what can be done with captures without running a proxy.

In: command lines, record files, mitmproxy's flow files.  Out: reports, exit codes (0 good, 1 a gate's rule is broken,
2 it could not be done), one-line errors.  Never here: what a report looks like and what a rule means; they are in
`report`.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from . import __version__
from .baseline import findings
from .compare import table
from .compare.sides import compare_records
from .files import check_writable, write_private
from .model import Record
from .probe import command as probe
from .replay import command as replay
from .report import RENDERERS, SUMMARY_FORMATS, check_name, gate, jsonl, render, summary_only
from .report.rank import headline
from .report.show import escape_invisible, one_line
from .terminal.progress import MIN_BAR_SIZE, open_with_progress

SCRIPTS = (Path(__file__).parent / "script" / "streamwatch.py", Path(__file__).parents[1] / "streamwatch.py")
"""Where the addon script lies: in an installed wheel, in a checkout."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code; usage errors leave by SystemExit(2), as argparse does."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a character that the terminal can't encode must not raise
    args = _parser().parse_args(argv)
    try:
        return int(args.run(args))
    except OSError as error:
        reason = f"{error.filename}: {error.strerror}" if error.filename and error.strerror else str(error)
    except ValueError as error:  # the command can't be done; the message is one line for the user
        reason = str(error)
    except KeyboardInterrupt:
        return 130  # what a shell reports of a program that Ctrl+C has ended
    print(f"streamwatch {args.command}: {escape_invisible(reason)}", file=sys.stderr)  # it may quote what a server sent
    return 2


# --- commands ---------------------------------------------------------------------------------------------


def _path(_: argparse.Namespace) -> int:
    print(_script())
    return 0


def _script() -> Path:
    return next(script for script in SCRIPTS if script.exists())


def _report(args: argparse.Namespace) -> int:
    out: Path = args.output
    _check_output(out)
    records = read_all(args.input, slimmed=out.suffix.lower() in SUMMARY_FORMATS)
    write_private(out, render(records, str(out)))
    print(f"{out}: {headline(records)}")
    _print_findings(records)
    return 0


def _check_output(out: Path) -> None:
    check_name(str(out))
    check_writable(out)


def _check(args: argparse.Namespace) -> int:
    rules = gate.Rules(args.fail_on, args.max_ttft, args.max_itl_p99)
    if args.junit:
        check_writable(args.junit)
    records = read_all(args.input, slimmed=True)
    if not records:
        raise ValueError("the capture has no exchange, so there is nothing to check")
    if args.junit:
        write_private(args.junit, gate.junit(records, rules))
    failed = 0
    for record in records:
        broken = gate.broken_rules(record, rules)
        failed += bool(broken)
        for sentence in broken:
            print(f"{gate.name_of(record)}: {sentence}")
    print(f"{failed} of {len(records)} exchanges break a rule" if failed else f"good: {headline(records)}")
    _print_findings(records)
    return 1 if failed else 0


def _print_findings(records: Iterable[Record]) -> None:
    """Print what the records show together and none of them shows by itself."""
    for finding in findings(records):
        print(f"{one_line(finding.sentence)}.")


def _compare(args: argparse.Namespace) -> int:
    out: Path | None = args.output
    if out:
        _check_output(out)
    up, down = read_all([args.upstream]), read_all([args.downstream])
    found = compare_records(up, down)
    if not found.pairs:
        swapped = "; the two captures are swapped" if compare_records(down, up).pairs else ""
        raise ValueError(f"no exchange of {args.upstream} went on in {args.downstream}{swapped}")
    print(table.render(found), end="")
    if out:
        write_private(out, render([pair.down for pair in found.pairs], str(out)))
    return 1 if any(pair.hop.held for pair in found.pairs) else 0


# --- inputs -----------------------------------------------------------------------------------------------


def read_all(paths: Iterable[Path], *, slimmed: bool = False) -> list[Record]:
    """Read the records of all files, in the order in which their ids first appear; the last record of an id wins.

    Args:
        slimmed: keep of each record only what summaries show, so that a large capture need not fit into memory.
    """
    merged = {record.id: record for path in paths for record in read_input(path, slimmed=slimmed)}
    return list(merged.values())


def read_input(path: Path, *, slimmed: bool = False) -> list[Record]:
    """Read the records of one file: the only place that tells kinds of input apart."""

    def note(sentence: str) -> None:
        print(f"streamwatch: {path}: {sentence}", file=sys.stderr)

    with open_with_progress(path) as file:
        head = file.peek(16)
        try:
            if re.match(rb"\d+:", head):  # a tnetstring (https://tnetstrings.info), the length of a flow first
                from .suite import flowfile  # mitmproxy takes its time to load

                return flowfile.read(file, note, slimmed=slimmed, side_by_side=path.stat().st_size > MIN_BAR_SIZE)
            if head and path.suffix.lower() != ".jsonl":
                raise ValueError("neither a record file (.jsonl) nor a flow file of mitmproxy's")
            # a line that was being written when its process was killed may end inside a character
            lines = io.TextIOWrapper(file, encoding="utf-8", errors="replace", newline="\n")
            return jsonl.read(lines, note, summary_only if slimmed else lambda record: record)
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from error


# --- command line -----------------------------------------------------------------------------------------

_INPUTS = "record files (.jsonl) or mitmproxy's flow files"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="streamwatch",
        description='See whether LLM streams really stream. Run the addon with mitmdump -s "$(streamwatch path)"; '
        "this command works on what it recorded.",
    )
    parser.add_argument("--version", action="version", version=f"streamwatch {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    path = commands.add_parser("path", help="print the path of the mitmproxy script")
    path.description = 'Print the path of the addon script, for: mitmdump -s "$(streamwatch path)"'
    path.set_defaults(run=_path)
    _report_parser(commands.add_parser("report", help="make a report of captures"))
    _check_parser(commands.add_parser("check", help="fail if a capture breaks rules (for CI)"))
    _compare_parser(commands.add_parser("compare", help="show what a hop between two taps did"))
    replay.add(commands.add_parser("replay", help="serve recorded answers at their recorded pace"), read_all, _INPUTS)
    probe.add(
        commands.add_parser("probe", help="send one request in several ways to find who holds the response back"),
        _script(),
    )
    return parser


def _report_parser(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Make a report from record files or mitmdump -w captures. Several are merged; of records with the same id, "
        "the last one counts. The file is written whole and readable by its owner only."
    )
    parser.add_argument("input", nargs="+", type=Path, metavar="IN", help=_INPUTS)
    parser.add_argument(
        "output", type=Path, metavar="OUT", help=f"the report; its suffix chooses the format: {', '.join(RENDERERS)}"
    )
    parser.set_defaults(run=_report)


def _check_parser(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Check every exchange of a capture, and every response on a WebSocket, against rules. Exit code 0: no rule "
        "is broken; 1: some are, and are printed; 2: the capture can't be read or is empty. What was not observed "
        "breaks no rule."
    )
    default = gate.Rules().fail_on
    parser.add_argument("input", nargs="+", type=Path, metavar="IN", help=_INPUTS)
    parser.add_argument(
        "--fail-on",
        type=_names,
        default=default,
        metavar="NAMES",
        help="verdicts, flags, outcomes and errors of the API to fail on, joined by commas: "
        f"{', '.join(gate.FAIL_ON_NAMES)} "
        f"(default: {','.join(name for name in gate.FAIL_ON_NAMES if name in default)})",
    )
    parser.add_argument(
        "--max-ttft", type=_duration, metavar="TIME", help="longest time to the first token, such as 2s or 800ms"
    )
    parser.add_argument(
        "--max-itl-p99", type=_duration, metavar="TIME", help="largest 99th percentile of the gaps between pieces"
    )
    parser.add_argument("--junit", type=Path, metavar="FILE", help="also write the result as JUnit XML")
    parser.set_defaults(run=_check)


def _compare_parser(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Compare two captures of the same requests, one from each side of a hop, and print both sides as Markdown. A "
        "capture is a record file (.jsonl) or a flow file of mitmproxy's. The clock offset is worked out. Exit code 0: "
        "the hop holds nothing back; 1: it does; 2: a file can't be read, or they have no exchange in common."
    )
    parser.add_argument("upstream", type=Path, metavar="UPSTREAM", help="the capture from the model's side")
    parser.add_argument("downstream", type=Path, metavar="DOWNSTREAM", help="the capture from the client's side")
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help="write the exchanges as seen downstream, with what the hop did to each, as a report: "
        + ", ".join(RENDERERS),
    )
    parser.set_defaults(run=_compare)


def _names(text: str) -> frozenset[str]:
    names = frozenset(filter(None, (name.strip() for name in text.split(","))))
    if unknown := sorted(names.difference(gate.FAIL_ON_NAMES)):
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)} (choose from {', '.join(gate.FAIL_ON_NAMES)})")
    return names


_UNITS = {"ms": 1e-3, "s": 1.0, "": 1.0, "m": 60.0}


def _duration(text: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(ms|s|m|)", text.strip(), re.ASCII)
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time such as 2s, 1.5s, 200ms or 1m")
    return float(match[1]) * _UNITS[match[2]]
