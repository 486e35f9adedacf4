"""What can't be asked is refused in one line, before anything is sent."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from streamwatchlib import cli
from streamwatchlib.probe import command
from streamwatchlib.probe.legs import ProbeRequest


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[ProbeRequest]:
    """The question that would have been asked."""
    questions: list[ProbeRequest] = []

    def go(question: ProbeRequest, script: Path) -> None:
        questions.append(question)
        raise ValueError("not today")

    monkeypatch.setattr(command, "_run_legs", go)
    return questions


def run(*arguments: str) -> int:
    return cli.main(["probe", *arguments])


@pytest.mark.parametrize("url", ["h/v1", "ftp://h/v1", "http://", "http:///v1"])
def test_what_is_no_url_is_refused(url: str, asked: list[ProbeRequest], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(url) == 2
    assert asked == []
    assert "not a URL" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["ftp://me:pass-w0rd@h/?api_key=pass-w0rd"], "URL: not a URL"),
        (["http://me:pass-w0rd/@h/"], "URL: not a URL"),
        (["http://h/", "--upstream", "http://me:pass-w0rd@[h/"], "--upstream: not a URL"),
        (["http://h/", "--proxy", "http://me:pass-w0rd/@h:1"], "--proxy: not a URL"),
        (["http://h/", "-H", "X-Api-Key pass-w0rd"], "a header must be NAME: VALUE"),
    ],
)
def test_a_refusal_tells_no_key(
    arguments: list[str], why: str, asked: list[ProbeRequest], capsys: pytest.CaptureFixture[str]
) -> None:
    with contextlib.suppress(SystemExit):  # as a usage error leaves
        assert run(*arguments) == 2
    said = capsys.readouterr().err
    assert why in said
    assert "pass-w0rd" not in said
    assert asked == []


def test_a_body_makes_it_a_post_of_json(asked: list[ProbeRequest], tmp_path: Path) -> None:
    file = tmp_path / "body.json"
    file.write_text('{"stream": true}')

    run("http://h/v1", "--json", "@" + str(file))
    run("http://h/v1", "--json", "{}", "-H", "Content-Type: application/x-other", "-H", "X-Key: a:b ")
    run("http://h/v1")

    typed, other, plain = asked
    assert (typed.method, typed.headers, typed.body) == (
        "POST",
        (("content-type", "application/json"),),
        b'{"stream": true}',
    )
    assert other.headers == (("Content-Type", "application/x-other"), ("X-Key", "a:b"))
    assert (plain.method, plain.headers, plain.body) == ("GET", (), b"")


@pytest.mark.parametrize("argument", [["-H", "no colon"], ["-H", ": nameless"], ["--json", "@/nowhere/at/all"]])
def test_bad_arguments_are_usage_errors(argument: list[str], asked: list[ProbeRequest]) -> None:
    with pytest.raises(SystemExit) as ended:
        run("http://h/v1", *argument)
    assert ended.value.code == 2
    assert asked == []


def test_the_proxy_is_the_one_named_or_the_environments(
    asked: list[ProbeRequest], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    run("http://h/v1")
    run("http://h/v1", "--proxy", "http://named:1")
    assert run("http://h/v1", "--proxy") == 2
    assert "names no proxy" in capsys.readouterr().err
    monkeypatch.setenv("https_proxy", "http://environment:2")
    run("https://h/v1", "--proxy")

    assert [question.proxy for question in asked] == [None, "http://named:1", "http://environment:2"]


def test_an_output_of_no_known_format_is_refused(asked: list[ProbeRequest], capsys: pytest.CaptureFixture[str]) -> None:
    assert run("http://h/v1", "--output", "x.pdf") == 2
    assert asked == []
    assert "a report ends in one of" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("url", "origin", "watched"),
    [
        ("http://h/v1/chat?a=1", "http://h:80", "http://127.0.0.1:9/v1/chat?a=1"),
        ("https://h", "https://h:443", "http://127.0.0.1:9"),
        ("https://me:p@h/#part", "https://h:443", "http://me:p@127.0.0.1:9/"),
        ("https://[::1]:8443/x", "https://[::1]:8443", "http://127.0.0.1:9/x"),
    ],
)
def test_the_watched_way_leads_to_the_same_place(url: str, origin: str, watched: str) -> None:
    assert command._origin(url) == origin
    assert command._through("http://127.0.0.1:9", url) == watched
