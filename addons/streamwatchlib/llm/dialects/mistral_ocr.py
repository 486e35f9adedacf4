"""Mistral's OCR of documents.

In: a whole answer; there is no stream.  Out: the text of its pages.  Usage counts pages, not tokens.
https://docs.mistral.ai/api/#tag/ocr
"""

from __future__ import annotations

from ...model import Reading
from ..dialect import Dialect, make_reading
from ..values import Object, objects, text


class Ocr(Dialect):
    """Mistral's document OCR, `/v1/ocr`"""

    api = "ocr"
    shape = "mistral"
    terminator_due = False

    @classmethod
    def claims(cls, value: Object, name: str) -> bool:
        return "usage_info" in value and any("markdown" in page for page in objects(value.get("pages")))

    @classmethod
    def accepts(cls, value: Object, name: str) -> bool:
        return isinstance(value.get("pages"), list)

    def read_payload(self, value: Object, name: str) -> Reading:
        message = self.answer.message()
        self.answer.set_identity(value.get("model"), value.get("id"))
        message.has_text_channel = True
        bits = message.add_text("\n\n".join(text(page.get("markdown")) for page in objects(value.get("pages"))))
        self.take_error(value)
        return make_reading(bits)
