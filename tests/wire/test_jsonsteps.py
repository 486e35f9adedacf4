"""In steps a text is what it is in one go, value or error; no step is long, and the work is linear."""

from __future__ import annotations

import gc
import json
import random
import sys
from collections.abc import Callable, Iterator
from time import thread_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamwatchlib.wire.jsonsteps import WINDOW, steps
from streamwatchlib.wire.jsontext import JsonError, loads

SMALL = 12  # the smallest window: everything comes upon its end


def stepped(text: str, *, window: int = SMALL, constants: bool = False) -> object:
    reading = steps(text, window=window, constants=constants)
    while True:
        try:
            next(reading)
        except StopIteration as end:
            return end.value


def outcome(parse: Callable[[], object]) -> str:
    """The value, in the order of its keys, or all that an error says."""
    try:
        return repr(parse())
    except JsonError as error:
        return f"{error.message!r} {error.line} {error.column}"


def same(text: str, window: int = SMALL, constants: bool = False) -> bool:
    once = outcome(lambda: loads(text, constants=constants))
    assert outcome(lambda: stepped(text, window=window, constants=constants)) == once
    return True


# -- texts: valid ones, with blanks anywhere, and what is left of them when something is taken out or put in

BLANKS = st.sampled_from(["", "", "", " ", "\n", "\r\n\t", " " * 30])
BITS = ["a", ",", ":", "[", "]", "{", "}", "é", "中", "😀", "\ud83d", "x" * 20, " "]
ESCAPES = [r"\"", r"\\", r"\/", r"\n", r"\u00e4", r"\ud83d", r"\ude00", r"\ud83d\ude00", r"\\ud83d"]
STRINGS = st.lists(st.sampled_from(BITS + ESCAPES), max_size=12).map(lambda bits: f'"{"".join(bits)}"')
SCALARS = st.one_of(
    STRINGS,
    st.integers().map(str),
    st.floats().map(json.dumps),
    st.sampled_from(["null", "true", "false", "-0", "1e400", "1" * 5000, "NaN", "-Infinity"]),
)
KEYS = st.one_of(st.sampled_from(['"a"', '"b"', '""']), STRINGS)


def listed(elements: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    padded = st.tuples(BLANKS, elements, BLANKS).map("".join)
    alike = st.tuples(padded, st.integers(1, 30)).map(lambda both: ",".join([both[0]] * both[1]))
    runs = st.lists(st.one_of(padded, padded, alike), max_size=6).map(",".join)
    return st.tuples(BLANKS, runs).map(lambda both: f"[{''.join(both)}]")


def keyed(elements: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    member = st.tuples(BLANKS, KEYS, BLANKS, st.just(":"), BLANKS, elements, BLANKS).map("".join)
    return st.lists(member, max_size=6).map(lambda members: f"{{{','.join(members)}}}")


VALUES = st.recursive(SCALARS, lambda inner: st.one_of(listed(inner), keyed(inner)), max_leaves=25)
TEXTS = st.tuples(st.sampled_from(["", "\ufeff", " " * 30, "\n"]), VALUES, BLANKS).map("".join)
SPOILT = [*'[]{},:"\\ 0x\x01', "\\u12", "NaN", " " * 30, ""]


@st.composite
def spoilt(draw: st.DrawFn) -> str:
    text = draw(TEXTS)
    place = draw(st.integers(0, len(text)))
    behind = place + draw(st.sampled_from([0, 1, 1, len(text)]))
    return text[:place] + draw(st.sampled_from(SPOILT)) + text[behind:]


WINDOWS = st.sampled_from([SMALL, 13, 17, 30, 64, 200])


@settings(deadline=None, max_examples=400)
@given(TEXTS, WINDOWS, st.booleans())
def test_the_value_is_the_one_that_is_read_in_one_go(text: str, window: int, constants: bool) -> None:
    assert same(text, window, constants)


@settings(deadline=None, max_examples=600)
@given(spoilt(), WINDOWS, st.booleans())
def test_what_is_wrong_is_told_in_the_same_words_and_at_the_same_place(text: str, window: int, constants: bool) -> None:
    assert same(text, window, constants)


LONG = " " * 40
NAMED = {
    "nothing": "",
    "blanks only": LONG,
    "a mark of byte order alone": "\ufeff" + LONG,
    "two of them": "\ufeff\ufeff" + LONG + "1",
    "a scalar among blanks": f"{LONG}true{LONG}",
    "something behind it": f"{LONG}true\n{LONG}\n 1",
    "the last of two equal keys, at the place of the first": json.dumps({"a": [1] * 20, "b": "x" * 40})[:-1]
    + ', "a": {"c": ["'
    + "y" * 40
    + '"]}, "b": 3, "a": 4}',
    "a comma before a bracket": f"[1, 2,{LONG}]",
    "a comma before a brace": f'{{"a": 1,{LONG}\n}}',
    "two commas": f"[{'1, ' * 20}, 2]",
    "a comma first": f"[{LONG}, 1]",
    "no colon": f'{{"{LONG}" 1}}',
    "no value": f'{{"{LONG}": }}',
    "no key": f'{{"a": 1, {LONG} 2}}',
    "no comma": f"[{'1, ' * 20} [1] [{LONG}]]",
    "the wrong bracket": f"[{'1, ' * 20} 2}}",
    "the wrong bracket deep inside": f'[{"1, " * 20} {{"a": [2}}]]',
    "no end to a string": f'[1, "{LONG}',
    "no end to a key": f'{{"{LONG}',
    "a control character": f'["{LONG}\n{LONG}"]',
    "no such escape": rf'["{LONG}\x{LONG}"]',
    "half an escape": rf'["{LONG}\u12{LONG}"]',
    "an escape at the very end": rf'["{LONG}\u1234',
    "backslashes only": '"' + "\\" * 80 + '"',
    "an odd number of them": '"' + "\\" * 81 + '"' + LONG,
    "a seam within a string": json.dumps(['a", "b', "c"] * 20),
    "a seam deeper down": "[" + '{"a": 1}, {"a": [{"a": 1}, {"a": 2}, {"b": 3}]}, ' * 20 + "{}]",
    "an integer too long": f"[{'1, ' * 20}{'9' * 5000}]",
    "a fraction longer than a window": f"[0.{'3' * 100}, 1]",
    "not a number": f"[{'1, ' * 20}NaN]",
    "open brackets only": "[" * 100_000,
    "open braces only": '{"":' * 100_000,
    "a fault below many levels": "[" * 300 + "1, x" + "]" * 300,
    "a fault above too many": "[1 2" + "[" * 100_000,
}


@pytest.mark.parametrize("window", [SMALL, 50])
@pytest.mark.parametrize("text", NAMED.values(), ids=NAMED)
def test_named_cases(text: str, window: int) -> None:
    assert same(text, window)
    assert same(text, window, constants=True)


def test_every_escape_on_every_border() -> None:
    for escape in ESCAPES:
        for shift in range(2 * SMALL):
            assert same(f'"{"x" * shift}{escape * 8}{"y" * 40}"')
            assert same(f'{{"{"x" * shift}{escape}{"y" * 40}": "{"é" * shift}{escape}"}}')


def test_a_text_is_read_however_it_is_cut_short() -> None:
    text = json.dumps({"model": "m", "messages": [{"role": "user", "content": 'a "b"\n😀', "n": [1, -2.5e3]}] * 3})
    for end in range(len(text)):
        assert same(text[:end])


@pytest.mark.parametrize("levels", [90, 499, 500, 501, 700])
def test_deep_nesting_is_read_at_every_level(levels: int) -> None:
    text = "[0, [1], " * levels + '{"a": "' + "x" * 40 + '"}' + ", [2], 3]" * levels
    assert json.dumps(stepped(text)) == json.dumps(loads(text))


def deepest() -> int:
    low, high = 1, 1_000_000
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if "deep" in outcome(lambda n=middle: loads("[" * n)) else (middle, high)  # type: ignore[misc]
    return low


def test_what_is_nested_too_deeply_is_what_was_too_deep_for_one_go() -> None:
    levels = deepest()
    for text in ("[" * (levels - 50), "[" * (levels + 50), "[1," * (levels - 50), "[[]," * (levels + 50)):
        assert same(text)


def test_a_small_text_is_read_at_once() -> None:
    with pytest.raises(StopIteration) as end:
        next(steps('{"a": 1}'))
    assert end.value.value == {"a": 1}


# -- how long it takes, which only ratios of the same minute can tell

SIZE = 4 << 20


def chat(count: int) -> str:
    said = 'Some words, "quoted"\nand more. ' * 12
    message = {"role": "user", "content": [{"type": "text", "text": said}], "calls": [{"id": "c", "arguments": "{}"}]}
    return json.dumps({"model": "m", "messages": [message] * (count // 480)})


def nested(levels: int, filling: str) -> str:
    return f"[{filling}," * levels + "1" + "]" * levels


def numbers(size: int) -> str:
    draw = random.Random(1)
    return json.dumps([draw.random() for _ in range(size // 20)])


KINDS: dict[str, Callable[[int], str]] = {
    "numbers": numbers,
    "base64": lambda size: f'"{"QUJD" * (size // 4)}"',
    "escapes": lambda size: f'"{r"\n\"\u4f60\ud83d\ude00" * (size // 22)}"',
    "chat": chat,
    "event": lambda size: json.dumps({"content": "some words " * (size // 11)}),
    "Chinese": lambda size: json.dumps({"content": "你好，世界。" * (size // 6)}, ensure_ascii=False),
    "members": lambda size: json.dumps({f"key {n}": n for n in range(size // 20)}),
}
HOSTILE: dict[str, Callable[[int], str]] = {
    "levels of long strings": lambda size: nested(400, f'"{"x" * (size // 400)}"'),
    "levels of long arrays": lambda size: nested(100, "1," * (size // 200) + "1"),
    "many deep chains, each longer than a window": lambda size: (
        f"[{','.join([nested(300, '1') + ',' + nested(1, '1,' * WINDOW + '1')] * (size // (2 * WINDOW)))}]"
    ),
    "wrong guesses": lambda size: (
        f"[{','.join(['{"a":1},{"a":[{"a":1},{"a":"%s"}]}' % ('x' * 9000)] * (size // 9000))}]"
    ),
    "brackets": lambda size: f"[{'[[]],' * (size // 5)}1]",
    "blanks": lambda size: f"[{' ' * size}]",
    "backslashes": lambda size: '"' + "\\" * (size // 2 * 2) + '"',
}


@pytest.fixture
def _uncollected() -> Iterator[None]:
    """The collector's own pauses come with the number of objects, whoever makes them."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def spent(text: str) -> tuple[float, float]:
    """Seconds for the whole, and for the longest step."""
    reading, longest = steps(text), 0.0
    began = before = thread_time()
    running = True
    while running:
        running = next(reading, reading) is not reading
        longest, before = max(longest, (now := thread_time()) - before), now
    return before - began, longest


def once(text: str) -> float:
    began = thread_time()
    loads(text)
    return thread_time() - began


@pytest.mark.usefixtures("_uncollected")
@pytest.mark.parametrize("kind", KINDS)
def test_no_step_is_long(kind: str) -> None:
    text = KINDS[kind](2 * SIZE)
    assert stepped(text, window=WINDOW) == loads(text)
    # a string's parts are joined in one step, which is all that keeps its longest from being still shorter
    part = 1 if kind in ("base64", "event", "Chinese", "escapes", "chat") else 6
    assert min(spent(text)[1] for _ in range(5)) < min(once(text) for _ in range(5)) / part


@pytest.mark.usefixtures("_uncollected")
@pytest.mark.parametrize("kind", [*KINDS, *HOSTILE])
def test_the_work_is_linear(kind: str) -> None:
    make = (KINDS | HOSTILE)[kind]
    small, large = make(SIZE // 10), make(SIZE)
    growth = min(spent(large)[0] for _ in range(3)) / min(spent(small)[0] for _ in range(5))
    # a large dict is slower to fill than a small one, for json as well
    assert growth < max(12 * len(large) / len(small) / 10, 2.5 * once(large) / min(once(small) for _ in range(5)))


@pytest.mark.usefixtures("_uncollected")
@pytest.mark.parametrize("kind", KINDS)
def test_steps_cost_little(kind: str) -> None:
    text = KINDS[kind](SIZE)
    assert min(spent(text)[0] for _ in range(3)) < 2 * min(once(text) for _ in range(3)) + 0.001


def test_an_integer_of_any_length_is_read_where_python_is_told_to() -> None:
    text = f"[{'1, ' * 20}{'9' * 5000}]"
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        assert stepped(text) == [1] * 20 + [10**5000 - 1]
    finally:
        sys.set_int_max_str_digits(before)
