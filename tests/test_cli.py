"""The command line: what a person types, what comes back, and how it fails."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from streamwatchlib import __version__, cli
from streamwatchlib.model import Record
from streamwatchlib.report import RENDERERS, jsonl, render

from .report.records import BURSTY, FORM, INJECTED, PSEUDO, STREAMING


def archive(path: Path, *records: Record) -> Path:
    path.write_text(jsonl.render(records), encoding="utf-8", newline="\n")
    return path


def run(*arguments: object) -> int:
    return cli.main([str(argument) for argument in arguments])


class TestPath:
    def test_the_script_of_a_checkout_is_found(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run("path") == 0

        script = Path(capsys.readouterr().out.strip())
        assert script.name == "streamwatch.py"
        assert script.is_file()

    def test_the_script_of_a_wheel_goes_first(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        script = tmp_path / "streamwatch.py"
        script.touch()
        monkeypatch.setattr(cli, "SCRIPTS", (script, tmp_path / "other.py"))

        assert run("path") == 0
        assert capsys.readouterr().out == f"{script}\n"


class TestReport:
    def test_ctrl_c_ends_it_without_a_traceback(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def interrupted(*_: object, **_more: object) -> list[Record]:
            raise KeyboardInterrupt

        monkeypatch.setattr(cli, "read_all", interrupted)
        assert run("report", archive(tmp_path / "in.jsonl", STREAMING), tmp_path / "out.csv") == 130
        assert not (tmp_path / "out.csv").exists()

    @pytest.mark.parametrize("suffix", RENDERERS)
    def test_the_suffix_of_the_output_chooses_the_format(
        self, tmp_path: Path, suffix: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        source, out = archive(tmp_path / "in.jsonl", STREAMING, PSEUDO), tmp_path / f"out{suffix}"

        assert run("report", source, out) == 0

        kept = [jsonl.from_line(jsonl.to_line(record)) for record in (STREAMING, PSEUDO)]
        assert out.read_bytes().decode() == render(kept, suffix)
        assert stat.S_IMODE(out.stat().st_mode) == 0o600
        assert capsys.readouterr().out == f"{out}: 2 exchanges: 1 streaming, 1 pseudo-streaming\n"

    def test_inputs_are_merged_and_the_last_line_of_an_id_wins(self, tmp_path: Path) -> None:
        later = replace(STREAMING, error="later")
        first = archive(tmp_path / "a.jsonl", STREAMING, PSEUDO)
        second = archive(tmp_path / "b.jsonl", later, BURSTY)
        out = tmp_path / "out.jsonl"

        assert run("report", first, second, out) == 0

        records = jsonl.read(out.read_text().splitlines(keepends=True))
        assert [(record.id, record.error) for record in records] == [
            ("streaming", "later"),
            ("pseudo-streaming", None),
            ("bursty", None),
        ]

    def test_a_line_cut_by_a_killed_process_is_left_out_and_noted(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        source = tmp_path / "in.jsonl"
        line = jsonl.to_line(replace(PSEUDO, id="流")).encode()
        source.write_bytes(jsonl.to_line(STREAMING).encode() + line[: line.index("流".encode()) + 1])

        assert run("report", source, tmp_path / "out.md") == 0

        assert f"streamwatch: {source}: line 2 is cut off and was left out" in capsys.readouterr().err
        assert "1 exchange: 1 streaming" in (tmp_path / "out.md").read_text()

    @pytest.mark.parametrize(
        ("arguments", "complaint"),
        [
            (("in.jsonl", "out.pdf"), "out.pdf: a report ends in one of .jsonl, .html, .md, .csv, .har"),
            (("none.jsonl", "out.md"), "none.jsonl: No such file or directory"),
            (("in.jsonl", "none/out.md"), "none: the directory does not exist"),
            (("in.jsonl", "link.md"), "link.md is a symbolic link, which is not followed"),
            (("notes.txt", "out.md"), "notes.txt: neither a record file (.jsonl) nor a flow file of mitmproxy's"),
            (("notes.jsonl", "out.md"), "notes.jsonl: line 1: not a line of JSON: "),
            (("in.jsonl", "directory.md"), "directory.md is not a regular file"),
        ],
    )
    def test_what_cannot_be_done_is_said_in_one_line(
        self,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        arguments: tuple[str, str],
        complaint: str,
    ) -> None:
        monkeypatch.chdir(tmp_path)
        archive(tmp_path / "in.jsonl", STREAMING)
        for name in ("notes.txt", "notes.jsonl"):
            (tmp_path / name).write_text("hello\n")
        (tmp_path / "link.md").symlink_to(tmp_path / "victim")
        (tmp_path / "directory.md").mkdir()

        assert run("report", *arguments) == 2

        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.startswith(f"streamwatch report: {complaint}")
        assert captured.err.count("\n") == 1
        assert not (tmp_path / "victim").exists()


class TestCheck:
    @pytest.mark.parametrize(
        ("arguments", "code"),
        [
            ((), 1),
            (("--fail-on", "bursty"), 0),
            (("--fail-on", "bursty, pseudo-streaming"), 1),
            (("--fail-on", "", "--max-ttft", "2s"), 1),
            (("--fail-on", "", "--max-ttft", "2600ms"), 0),
            (("--fail-on", "", "--max-ttft", "1m"), 0),
            (("--fail-on", "", "--max-itl-p99", "0.05"), 1),
            (("--fail-on", "", "--max-itl-p99", "60 ms"), 0),
        ],
    )
    def test_the_exit_code_tells_whether_a_rule_is_broken(
        self, tmp_path: Path, arguments: tuple[str, ...], code: int
    ) -> None:
        assert run("check", archive(tmp_path / "in.jsonl", STREAMING, PSEUDO, FORM), *arguments) == code

    def test_what_breaks_a_rule_is_printed(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        run("check", archive(tmp_path / "in.jsonl", STREAMING, PSEUDO))

        assert capsys.readouterr().out.splitlines() == [
            "POST llm.example.com/v1/chat/completions at 10:15:31.700: pseudo-streaming: All 48 pieces came within "
            "1 ms after 2.51 s of silence: the whole answer was held back and sent at once.",
            "1 of 2 exchanges break a rule",
        ]

    def test_a_good_capture_says_what_it_holds(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        run("check", archive(tmp_path / "in.jsonl", STREAMING))

        assert capsys.readouterr().out == "good: 1 exchange: 1 streaming\n"

    def test_a_place_for_junit_that_is_none_is_told_by_its_name(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run("check", archive(tmp_path / "in.jsonl", STREAMING), "--junit", tmp_path / "none" / "out.xml") == 2

        assert capsys.readouterr().err == f"streamwatch check: {tmp_path / 'none'}: the directory does not exist\n"

    def test_junit_is_written_for_its_owner(self, tmp_path: Path) -> None:
        out = tmp_path / "out.xml"

        run("check", archive(tmp_path / "in.jsonl", STREAMING, PSEUDO), "--junit", out)

        assert ElementTree.fromstring(out.read_text()).attrib["failures"] == "1"
        assert stat.S_IMODE(out.stat().st_mode) == 0o600

    def test_nothing_can_be_vouched_for_without_an_exchange(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run("check", archive(tmp_path / "in.jsonl")) == 2
        assert "nothing to check" in capsys.readouterr().err

    @pytest.mark.parametrize(
        ("arguments", "complaint"),
        [
            (("--max-ttft", "soon"), "'soon' is not a time such as 2s, 1.5s, 200ms or 1m"),
            (("--max-ttft", "-1s"), "argument --max-ttft: "),
            (("--fail-on", "pseudo"), "unknown: pseudo (choose from streaming, bursty,"),
        ],
    )
    def test_a_bad_argument_is_a_usage_error(
        self, arguments: tuple[str, ...], complaint: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(SystemExit) as caught:
            run("check", "in.jsonl", *arguments)

        assert caught.value.code == 2
        assert complaint in " ".join(capsys.readouterr().err.split())

    def test_a_terminal_is_safe_from_what_a_peer_sent(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        run("check", archive(tmp_path / "in.jsonl", INJECTED))

        assert not {"\x1b", "\x07", "\u202e", "\u2028"} & set(capsys.readouterr().out)


@pytest.mark.parametrize("command", ["path", "report", "check"])
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        run(command, "--help")

    assert caught.value.code == 0
    assert f"usage: streamwatch {command}" in capsys.readouterr().out


def test_a_command_is_required(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        run()

    assert caught.value.code == 2
    assert "COMMAND" in capsys.readouterr().err


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run("--version")

    assert capsys.readouterr().out == f"streamwatch {__version__}\n"


def test_a_terminal_that_lacks_a_character_does_not_end_it(tmp_path: Path) -> None:
    source = archive(tmp_path / "in.jsonl", replace(PSEUDO, verdict=replace(PSEUDO.verdict, summary="流")))

    done = subprocess.run(
        [sys.executable, "-c", "import sys; from streamwatchlib.cli import main; sys.exit(main())", "check", source],
        env={**os.environ, "PYTHONIOENCODING": "ascii:strict"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (1, "")
    assert "\\u6d41" in done.stdout
