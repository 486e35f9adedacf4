"""The settings on the troubleshooting page are accepted by the programs they are for, where these are installed."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from string import Template

import pytest
from loopback import free_port

pytestmark = pytest.mark.e2e
PAGE = (Path(__file__).parents[2] / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
NGINX = "pid $folder/pid; error_log stderr; events {} http { access_log off; server { listen 127.0.0.1:$port; $it } }"
HAPROXY = """$it
    timeout connect 1s
    timeout client 1s
listen it
    bind 127.0.0.1:1
    server it 127.0.0.1:2
"""
APACHE = """
ServerRoot $folder
ServerName it
PidFile $folder/pid
ErrorLog $folder/log
Listen 127.0.0.1:1
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule proxy_module /usr/lib/apache2/modules/mod_proxy.so
LoadModule proxy_fcgi_module /usr/lib/apache2/modules/mod_proxy_fcgi.so
$it
"""
AROUND: dict[str, tuple[str, str, Sequence[str]]] = {
    # language of the block: (program, what makes a whole configuration of it, arguments that check one)
    "nginx": ("nginx", NGINX, ("-t", "-p", "$folder", "-c", "$file")),
    "haproxy": ("haproxy", HAPROXY, ("-c", "-f", "$file")),
    "apache": ("apache2", APACHE, ("-t", "-f", "$file")),
    "caddyfile": ("caddy", "http://127.0.0.1:1 {\n$it}\n", ("adapt", "--adapter", "caddyfile", "--config", "$file")),
    "js": ("node", "$it", ("--check", "$file")),
}


def blocks() -> list[tuple[str, str]]:
    found = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return [(language, block) for language, block in found if language in AROUND]


@pytest.mark.parametrize(("language", "block"), blocks(), ids=[language for language, _ in blocks()])
def test_a_setting_is_accepted(language: str, block: str, tmp_path: Path) -> None:
    name, around, arguments = AROUND[language]
    program = shutil.which(name) or shutil.which(f"/usr/sbin/{name}")
    if program is None:
        pytest.skip(f"needs {name}")
    # nginx binds what it checks
    names = {"folder": str(tmp_path), "file": str(tmp_path / f"it.{language}"), "port": str(free_port())}
    Path(names["file"]).write_text(
        Template(around).substitute(names, it=block.replace("//model:", "//127.0.0.1:")), encoding="utf-8"
    )

    command = [program, *(Template(each).substitute(names) for each in arguments)]
    checked = subprocess.run(command, capture_output=True, text=True, timeout=30)

    assert checked.returncode == 0, checked.stderr


def test_every_kind_of_setting_is_tried() -> None:
    assert {language for language, _ in blocks()} == set(AROUND)
