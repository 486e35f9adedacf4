"""The recipes are tried: commands and examples parse, programs ask the path they should and print what came."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from loopback import Origin, ReceivedRequest, Step
from mitmproxy.proxy.mode_specs import ProxyMode
from mitmproxy.test import taddons
from ruamel.yaml import YAML
from streamwatchlib import cli, suite
from streamwatchlib.report import render

from ..llm import replies
from ..report.records import PSEUDO, STREAMING
from .sdks.answers import Answer, ndjson, sse, typed_sse

pytestmark = pytest.mark.e2e
ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
PAGES = [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md")), *sorted(EXAMPLES.glob("*.y*ml")), EXAMPLES / "Dockerfile"]
RECIPES = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
HERE = "127.0.0.1:8080"
SAID = replies.Said(("Hel", "lo"))


# --- commands -----------------------------------------------------------------------------------------------------


def commands(program: str) -> Iterator[list[str]]:
    """The arguments of each command line of `program` in the docs: in blocks, and in code spans that are whole ones."""
    for page in PAGES[:-1]:
        text = page.read_text(encoding="utf-8")
        fenced = re.findall(rf"^{program} (.+)$", "".join(blocks(text, "sh") + blocks(text, "")), re.MULTILINE)
        indented = re.findall(rf"^ {{4,}}{program} ([^`\n]+)$", text, re.MULTILINE)
        spans = [span for span in re.findall(r"`([^`\n]+)`", text) if re.match(rf"{program} \S+ \S", span)]
        for line in fenced + indented + [span.removeprefix(program) for span in spans]:
            plain = line.replace("&", "").split(" # ")[0]
            if not re.search(r"\.\.\.|\b(IN|UPSTREAM|FILE|MODEL)\b", plain):
                yield shlex.split(plain)


def values(arguments: list[str], name: str) -> list[str]:
    """What follows each flag of that name, as a word of its own or behind ``=``."""
    joined = [each.partition("=")[2] for each in arguments if each.startswith(f"{name}=")]
    return [value for flag, value in pairwise(arguments) if flag == name] + joined


def assert_mitmdump_takes(arguments: list[str]) -> None:
    for mode in values(arguments, "--mode"):
        ProxyMode.parse(mode)
    with taddons.context(*suite.addons()) as context:
        ours = {name for name, _ in context.options.items() if name.startswith("streamwatch_")}
    asked = {each.partition("=")[0] for each in values(arguments, "--set")}
    assert {name for name in asked if name.startswith("streamwatch")} <= ours


def test_mitmdump_takes_every_command_of_the_docs() -> None:
    found = list(commands("mitmdump"))
    assert len(found) > 10
    for arguments in found:
        assert_mitmdump_takes(arguments)


def test_streamwatch_takes_every_command_of_the_docs() -> None:
    found = list(commands("streamwatch"))
    assert len(found) > 5
    for arguments in found:
        if arguments[0] != "probe":  # its --json reads the file it names
            cli._parser().parse_args(arguments)


# --- examples -----------------------------------------------------------------------------------------------------


def test_the_compose_file_joins_application_and_proxy() -> None:
    services = YAML(typ="safe").load(EXAMPLES / "compose.yaml")["services"]
    arguments = services["streamwatch"]["command"]
    assert_mitmdump_takes(arguments)
    (mode,) = values(arguments, "--mode")
    assert mode == "reverse:http://ollama:11434@8080"
    assert services["app"]["environment"]["OLLAMA_BASE_URL"] == "http://streamwatch:8080"
    assert (EXAMPLES / services["streamwatch"]["build"]["context"] / "examples" / "Dockerfile").exists()


def test_the_sidecar_is_reached_from_inside_the_pod_only() -> None:
    pod = YAML(typ="safe").load(EXAMPLES / "kubernetes.yaml")["spec"]["template"]["spec"]
    (sidecar,), (app,) = pod["initContainers"], pod["containers"]
    assert_mitmdump_takes(sidecar["args"])
    (mode,) = map(ProxyMode.parse, values(sidecar["args"], "--mode"))
    assert (mode.listen_host(), mode.listen_port()) == ("127.0.0.1", 8080)
    assert app["env"] == [{"name": "OPENAI_BASE_URL", "value": "http://127.0.0.1:8080/v1"}]
    assert sidecar["restartPolicy"] == "Always"


def test_the_image_is_made_of_what_is_there() -> None:
    text = (EXAMPLES / "Dockerfile").read_text(encoding="utf-8")
    copied = {name for line in re.findall(r"^COPY (.+) \S+$", text, re.MULTILINE) for name in line.split()}
    assert {"pyproject.toml", "addons"} <= copied
    assert all((ROOT / name).exists() for name in copied)


# --- programs -----------------------------------------------------------------------------------------------------


def origin(asked: ReceivedRequest) -> Iterator[Step]:
    """Says hello in the language of whoever asks."""
    path = asked.target.partition("?")[0]
    spoken: dict[str, Answer] = {
        "/v1/chat/completions": sse(*replies.chat(SAID).stream),
        "/compatible-mode/v1/chat/completions": sse(*replies.chat(SAID).stream),
        "/v1/responses": typed_sse(*payloads(replies.responses(SAID).stream)),
        "/v1/messages": typed_sse(*payloads(replies.messages(SAID).stream)),
        "/api/chat": ndjson(*({"message": {"role": "assistant", "content": text}} for text in SAID.text)),
        "/api/v1/services/aigc/text-generation/generation": sse(*payloads(replies.dashscope(SAID).stream)),
        "/v1/models/gemini-2.5-flash:streamGenerateContent": sse(*replies.gemini(SAID).stream),
    }
    yield from spoken[path.replace("/v1beta/", "/v1/")].steps()  # Google's SDK asks for either, by its version


def payloads(stream: list[Any]) -> list[Any]:
    """Without the framing's names, where the frames have some."""
    return [each[1] if isinstance(each, tuple) else each for each in stream]


def programs() -> Iterator[Any]:
    """Each Python block with the exports of its chapter, and each curl."""
    for chapter in re.split(r"^## ", RECIPES, flags=re.MULTILINE)[1:]:
        title = chapter.partition("\n")[0]
        exports = dict(re.findall(r"(?:export | )([A-Z_]+)=(\S*)", "\n".join(blocks(chapter, "sh"))))
        for n, block in enumerate(blocks(chapter, "python")):
            yield pytest.param([sys.executable, "-c", block], exports, id=f"{title} {n}")
        for block in blocks(chapter, "sh"):
            if block.startswith("curl "):
                yield pytest.param(["sh", "-c", block], exports, id=f"{title} curl")


def blocks(text: str, language: str) -> list[str]:
    """The code blocks of a language in Markdown."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [block for named, block in found if named == language]


@pytest.mark.parametrize(("command", "exports"), programs())
def test_a_program_of_the_recipes_asks_the_proxy_and_prints_the_answer(
    command: list[str], exports: dict[str, str]
) -> None:
    for name in re.findall(r"^(?:from|import) (\w+)", command[-1], re.MULTILINE) if "-c" in command else []:
        if importlib.util.find_spec(name) is None or (name == "google" and not has_genai()):
            pytest.skip(f"needs {name}: uv sync --group sdks")
    if command[0] == "sh" and not shutil.which("curl"):
        pytest.skip("needs curl")
    keys = dict.fromkeys(("OPENAI_API_KEY", "DASHSCOPE_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY"), "none")
    with Origin(origin) as server:
        here = server.url.removeprefix("http://")
        env = {**os.environ, **keys, **exports}
        ran = subprocess.run(
            [part.replace(HERE, here) for part in command],
            env={name: value.replace(HERE, here) for name, value in env.items()},
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert server.requests, ran.stderr
    said = "".join(re.findall(r'"content": "(\w+)"', ran.stdout)) if command[0] == "sh" else ran.stdout
    assert said == "Hello", ran.stderr


@pytest.mark.parametrize("program", ["jq", "duckdb", "python"])
def test_a_line_over_the_exports_says_something_of_them(program: str, tmp_path: Path) -> None:
    if not (importlib.util.find_spec("pandas") if program == "python" else shutil.which(program)):
        pytest.skip("needs pandas" if program == "python" else f"needs {program}")
    for suffix in (".jsonl", ".csv"):
        (tmp_path / f"run{suffix}").write_text(render([STREAMING, PSEUDO], suffix), encoding="utf-8")
    (line,) = re.findall(rf"^{program} .+", RECIPES.split("## jq, DuckDB")[1], re.MULTILINE)

    env = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    ran = subprocess.run(["sh", "-c", line], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    assert str(PSEUDO.timing.ttft) in ran.stdout


def has_genai() -> bool:
    with contextlib.suppress(ModuleNotFoundError):
        return importlib.util.find_spec("google.genai") is not None
    return False
