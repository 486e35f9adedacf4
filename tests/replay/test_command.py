"""The command line of the replay: what is refused, in one line."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamwatchlib import cli
from streamwatchlib.report import jsonl

from ..report.records import NO_TEXTS, STREAMING


def test_a_capture_without_texts_is_refused_with_its_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capture = tmp_path / "capture.jsonl"
    capture.write_text(jsonl.render([NO_TEXTS]))
    assert cli.main(["replay", str(capture), "--port", "0"]) == 2
    said = capsys.readouterr()
    assert "does not hold the text" in said.out
    assert said.err == "streamwatch replay: there is nothing to play\n"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--hold", "often"], "'often' is neither 'all' nor a size"),
        (["--port", "65536"], "'65536' is not a port from 0 to 65535"),
        (["--port=-1"], "'-1' is not a port from 0 to 65535"),
        (["--port", "http"], "'http' is not a port from 0 to 65535"),
        (["--speed", "0"], "'0' is not a number above 0"),
        (["--speed", "nan"], "'nan' is not a number above 0"),
        (["--speed", "inf"], "'inf' is not a number above 0"),
        (["--speed", "fast"], "'fast' is not a number above 0"),
    ],
)
def test_what_makes_no_sense_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], complaint: str
) -> None:
    capture = tmp_path / "capture.jsonl"
    capture.write_text(jsonl.render([STREAMING]))
    with pytest.raises(SystemExit) as ended:
        cli.main(["replay", str(capture), "--port", "0", *arguments])
    assert ended.value.code == 2
    assert complaint in capsys.readouterr().err
