"""What many exchanges of one endpoint show: the TTFT by the length of the answer."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from mitmproxy.test import taddons
from streamwatchlib import baseline, cli
from streamwatchlib.baseline import Baselines, Endpoint, Finding, endpoint_of, findings
from streamwatchlib.model import Record, Usage
from streamwatchlib.report import jsonl
from streamwatchlib.suite.history import History

from .compare.taps import START, Piece, Tap, paced, whole

LENGTHS = (8, 12, 20, 30, 40, 55, 70, 90, 110, 130, 150, 200)
PACE = 0.02


def exchanges(
    lengths: Sequence[int],
    block: int | None = -1,
    *,
    first: float = 0.2,
    gap: float = PACE,
    seed: int = 0,
    **more: object,
) -> list[Record]:
    """An answer of each length, as it came (-1), or held to its end (None) or in blocks of so many bytes."""
    rng = random.Random(seed)
    made = []
    for i, n in enumerate(lengths):
        start = first * rng.uniform(0.9, 1.1)
        pieces: list[Piece] = paced(n, gap=gap, first=start, id=f"chatcmpl-{i}")
        passed = pieces if block == -1 else whole(pieces, block)
        made.append(Tap(f"{i}", START + i * 30, passed, **more).record())  # type: ignore[arg-type]
    return made


def kinds(found: Sequence[Finding]) -> list[str]:
    return [finding.kind for finding in found]


@pytest.mark.parametrize("first", [0.05, 0.5, 10.0])
@pytest.mark.parametrize("gap", [0.001, 0.02, 0.2])
def test_a_true_stream_shows_nothing(first: float, gap: float) -> None:
    assert findings(exchanges(LENGTHS, first=first, gap=gap)) == []


def test_a_longer_prompt_for_a_longer_answer_is_no_holding_back() -> None:
    records = []
    for i, n in enumerate(LENGTHS):
        pieces = paced(n, gap=PACE, first=0.2 + n * 0.005)
        records.append(Tap(str(i), START, pieces).record())

    assert findings(records) == []


def test_a_wait_that_grows_with_the_answer_is_that_for_its_end() -> None:
    (found,) = [finding for finding in findings(exchanges(LENGTHS, None)) if finding.kind == "length"]

    assert "19.9 ms per token over 10 exchanges of 8 to 130 tokens" in found.sentence
    assert "held back to its end" in found.sentence

    hung_up = [replace(record, outcome="client-disconnected") for record in exchanges(LENGTHS, None)]
    assert found in findings(hung_up), "clients that leave when all has come have seen as much"


def test_tokens_are_those_that_the_api_counts() -> None:
    def doubled(record: Record) -> Record:
        assert record.llm
        assert record.stream
        return replace(record, llm=replace(record.llm, usage=Usage(output_tokens=2 * record.stream.content_events)))

    (found,) = [f for f in findings(map(doubled, exchanges(LENGTHS, None))) if f.kind == "length"]

    assert "9.97 ms per token over 10 exchanges of 16 to 260 tokens" in found.sentence


def test_a_buffer_is_known_by_the_length_from_which_the_wait_no_longer_grows() -> None:
    lengths = (10, 20, 30, 60, 90, 110, 140, 160, 200, 300)  # an event is about 125 bytes

    (found,) = [finding for finding in findings(exchanges(lengths, 8192)) if finding.kind == "buffer"]

    assert "about 8192 bytes" in found.sentence
    assert "whatever their length" in found.sentence


def test_answers_too_short_to_tell_tell_together() -> None:
    records = exchanges((2, 3, 4, 5, 6, 7, 8, 9, 10, 12), None, gap=0.1)
    assert {record.verdict.label for record in records} == {"inconclusive"}

    (found,) = [finding for finding in findings(records) if finding.kind == "short"]

    assert "pseudo-streaming" in found.sentence
    assert f"over {len(records)} exchanges" in found.sentence


@pytest.mark.parametrize(
    "records",
    [
        exchanges((2, 3, 4, 5, 6, 7, 8, 9, 10), None, gap=0.1),
        exchanges((5, 6, 7, 8, 9, 10, 11, 12, 13, 14), None, gap=0.1),
        exchanges((2, 3, 4, 5, 6, 7, 8, 9, 10, 12), None, gap=0.0, first=0.3),
        exchanges((2, 3, 4, 5, 6, 7, 8, 9, 10, 12), None, gap=0.001, first=0.01),
        exchanges((2, 3, 4, 5, 6, 7, 8, 9, 10, 12), -1, gap=0.1),
        [replace(record, outcome="server-disconnected") for record in exchanges(LENGTHS, None)],
        exchanges([20] * 20, None),
    ],
    ids=["too few", "too alike", "from a cache", "fast enough", "streamed", "cut off", "all of one length"],
)
def test_what_does_not_tell_is_not_told(records: list[Record]) -> None:
    assert findings(records) == []


def test_what_is_one_event_came_in_no_more_pieces() -> None:
    """Tool calls that their server gives out whole, of 20 to 300 tokens."""
    records = []
    for i, n in enumerate((20, 300, 60, 220, 100, 180, 140, 260, 40, 280, 80, 200)):
        record = Tap(str(i), START + i * 30, paced(1, first=0.4 + n * PACE)).record()
        assert record.llm
        records.append(replace(record, llm=replace(record.llm, usage=Usage(output_tokens=n))))

    assert findings(records) == []


def test_reasoning_that_is_counted_and_not_sent_is_no_length() -> None:
    """A word or two after 100 to 2000 tokens of thought that nobody sees."""
    records = []
    for i, n in enumerate((100, 2000, 300, 1400, 700, 1100, 900, 1700, 200, 1900, 500, 1300)):
        record = Tap(str(i), START + i * 60, paced(2 + i % 2, gap=0.001, first=0.4 + n * PACE)).record()
        assert record.llm
        usage = Usage(output_tokens=n + 3, reasoning_tokens=n)
        records.append(replace(record, llm=replace(record.llm, usage=usage)))

    assert findings(records) == []


def test_all_waits_the_same_to_the_microsecond_do_not_grow() -> None:
    records = [Tap(str(n), START, whole(paced(n, gap=0.0, first=0.3))).record() for n in LENGTHS]

    assert findings(records) == []


def test_one_longer_answer_among_very_many_alike_is_looked_at() -> None:
    records = [Tap("short", START, whole(paced(8, gap=PACE))).record()] * 178
    records.append(Tap("long", START, whole(paced(80, gap=PACE))).record())

    (found,) = findings(records)

    assert (found.kind, "over 179 exchanges of 8 to 80 tokens" in found.sentence) == ("length", True)


# --- change -----------------------------------------------------------------------------------------------------


def test_an_endpoint_that_begins_to_hold_back_is_told_once_and_remembered_anew() -> None:
    nginx = (("content-type", "text/event-stream"), ("server", "nginx"))
    before, after = exchanges([100] * 20), exchanges([100] * 20, None, response_headers=nginx)

    (change,) = findings([*before, *after])

    assert change.kind == "change"
    assert "time to the first token is 2.2" in change.sentence
    assert "the mean hold is" in change.sentence
    assert "server was `None` and is `nginx`" in change.sentence
    assert "has changed with the last 5 exchanges" in change.sentence


def test_a_slower_engine_is_a_change_of_its_rate() -> None:
    before, after = exchanges([100] * 12), exchanges([100] * 5)
    before = [replace(r, timing=replace(r.timing, output_tokens_per_second=50.0)) for r in before]
    after = [replace(r, timing=replace(r.timing, output_tokens_per_second=20.0)) for r in after]

    (change,) = findings([*before, *after])

    assert "the rate is 20 tokens/s instead of 50 tokens/s" in change.sentence


@pytest.mark.parametrize("n", [1, 4])
def test_a_few_slow_ones_are_no_change(n: int) -> None:
    usual = exchanges([100] * 20)

    assert findings([*usual, *exchanges([100] * n, first=3.0), *usual]) == []


def test_an_endpoint_that_varies_does_not_change_all_the_time() -> None:
    rng = random.Random(3)
    records = [record for i in range(60) for record in exchanges([100], first=rng.uniform(0.1, 3.0), seed=i)]

    assert findings(records) == []


# --- memory -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://h/v1/chat/completions", "/v1/chat/completions"),
        ("https://h/v1/threads/thread_4f3b2a1c9d8e7f60a1b2c3d4/runs", "/v1/threads/{id}/runs"),
        ("https://h/jobs/12345/stream?x=1", "/jobs/{id}/stream"),
        ("https://h/a/123e4567-e89b-12d3-a456-426614174000", "/a/{id}"),
        ("https://h/deployments/gpt-4o-mini/chat", "/deployments/gpt-4o-mini/chat"),
        (
            "https://h/v1beta/models/gemini-2.5-pro:streamGenerateContent",
            "/v1beta/models/gemini-2.5-pro:streamGenerateContent",
        ),
    ],
)
def test_ids_in_a_path_do_not_make_endpoints(url: str, path: str) -> None:
    record = Tap("a", START, paced(3), url=url).record()

    assert endpoint_of(record) == Endpoint("https", "h", path, "m")
    assert str(endpoint_of(record)) == f"h{path} (m)"


def test_what_is_no_url_is_an_endpoint_like_any_other() -> None:
    record = Tap("a", START, paced(3), url="http://[x/v1/chat/completions").record()

    assert endpoint_of(record) == Endpoint("", "", "http://[x/v1/chat/completions", "m")
    assert findings([record] * 3) == []


def test_each_thing_is_told_once() -> None:
    records = exchanges(LENGTHS, None) * 5

    assert sorted(kinds(findings(records))) == ["length"]


def test_what_earlier_runs_show_is_told_with_the_first_of_this() -> None:
    *earlier, now = exchanges(LENGTHS, None)
    memory = Baselines()
    for record in earlier:
        memory.learn(record)

    assert "length" in kinds(memory.add(now))


def test_the_endpoint_longest_unused_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baseline, "MAX_ENDPOINTS", 2)
    memory = Baselines()
    one, *more = exchanges(LENGTHS, None)
    others = [replace(one, request=replace(one.request, url=f"http://{host}/v1")) for host in ("a", "b")]
    for record in (one, *others, *more[:9]):
        assert memory.add(record) == []
    assert memory.add(more[9]) != [], "ten of its own, the first forgotten"


def test_two_hundred_exchanges_are_remembered_of_each() -> None:
    records = [*exchanges(LENGTHS, None), *exchanges([100]) * 200]
    memory = Baselines()
    for record in records:
        memory.add(record)

    assert {len(samples) for samples in memory._samples.values()} <= {200} | set(range(200))


def test_records_without_times_are_passed_over() -> None:
    record = exchanges([100])[0]
    bare = [
        replace(record, stream=None),
        replace(record, response=None),
        replace(record, timing=replace(record.timing, ttft=None)),
        replace(record, timing=replace(record.timing, last_token=None)),
    ]

    assert findings(bare * 10) == []


# --- where it is told -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [["report", "IN", "OUT"], ["check", "IN"]])
def test_reports_and_gates_tell_it(command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = {"IN": str(tmp_path / "in.jsonl"), "OUT": str(tmp_path / "out.md")}
    (tmp_path / "in.jsonl").write_text(jsonl.render(exchanges(LENGTHS, None)))

    cli.main([names.get(word, word) for word in command])

    assert "held back to its end." in capsys.readouterr().out


class TestMemory:
    def test_it_warns_at_once_and_repeats_at_the_end(self, caplog: pytest.LogCaptureFixture) -> None:
        memory = History()
        for record in exchanges(LENGTHS, None):
            memory.streamwatch_record(record)

        assert caplog.messages == list(memory.remarks())
        assert "held back to its end." in caplog.messages[0]

    def test_what_it_says_acts_in_no_terminal(self, caplog: pytest.LogCaptureFixture) -> None:
        memory = History()
        for record in exchanges(LENGTHS, None, url="https://h/v1/chat/completions\x1b]0;owned\x07"):
            memory.streamwatch_record(record)

        assert "\x1b" not in caplog.text
        assert "completions␛]0;owned␇" in caplog.messages[0]

    def test_earlier_runs_are_remembered(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        *earlier, now = exchanges(LENGTHS, None)
        history = tmp_path / "run.jsonl"
        history.write_text(jsonl.render(earlier) + '{"schema": "streamwatch/1", "id": "a line that')
        memory = History()
        with taddons.context() as context:
            context.options.add_option("streamwatch_history", Sequence[str], [str(history)], "")
            memory.running()
            assert caplog.messages == []
            memory.streamwatch_record(now)

        assert len(caplog.messages) == 1

    def test_what_can_not_be_read_is_told_and_does_not_matter(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        other = tmp_path / "other.jsonl"
        other.write_text("no record\n")
        memory = History()
        with taddons.context() as context:
            context.options.add_option("streamwatch_history", Sequence[str], ["/nowhere.jsonl", str(other)], "")
            memory.running()

        assert [message.split(" is not")[0] for message in caplog.messages] == [
            "streamwatch_history: /nowhere.jsonl",
            f"streamwatch_history: {other}",
        ]
