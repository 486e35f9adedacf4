"""Values of options that can't be used: refused by name, in one line."""

from __future__ import annotations

import pytest
from mitmproxy.test import taddons
from streamwatchlib.suite.options import BadOption, settings
from streamwatchlib.suite.watch import Watch


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("streamwatch_content", "some", "'some' is neither 'full' nor 'none'"),
        ("streamwatch_body_limit", "much", "'much' is not a size such as 65536, 64k, 8m or 1g"),
        ("streamwatch_filter", "~", "'~' is not a mitmproxy filter expression"),
        ("streamwatch_filter", "(" * 3000, "is not a mitmproxy filter expression"),
        ("streamwatch_export", ["report.pdf"], "report.pdf: a report ends in one of"),
        ("streamwatch_export", ["/nowhere/report.jsonl"], "can't write '/nowhere/report.jsonl'"),
    ],
)
def test_a_value_that_can_not_be_used_is_refused(option: str, value: object, said: str) -> None:
    with taddons.context(Watch()) as context:
        context.options.update(**{option: value})
        with pytest.raises(BadOption) as refused:
            settings()

    (line,) = str(refused.value).splitlines()
    assert line.startswith(f"{option}: ")
    assert said in line
