"""A record without the texts: what `streamwatch_content=none` leaves of it.

In: a record.  Out: the same with its times, sizes, counts and verdicts, but of its texts only those that are names.  A
form of one long field, a message as the key of an object, or a protocol error that quotes the bytes it failed on would
otherwise reveal what was said.
"""

from __future__ import annotations

import re
from dataclasses import replace

from .llm.without_texts import mask_unless_name, without_texts
from .model import Body, Record, Reply
from .wire.multipart import without_filenames

_QUOTED = re.compile(r"""\bb(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""")
"""Bytes as Python prints them, in errors of mitmproxy and h11."""


def record(record: Record) -> Record:
    """The record without texts."""
    request, response, llm = record.request, record.response, record.llm
    return replace(
        record,
        error=record.error and _QUOTED.sub("…", _own(record)),
        request=replace(request, body=_body(request.body)),
        response=response and replace(response, body=_body(response.body)),
        events=None,
        llm=llm and without_texts(llm),
        sent=tuple(message._replace(type=mask_unless_name(message.type), data=None) for message in record.sent),
        responses=tuple(map(_reply, record.responses)),
    )


def _own(record: Record) -> str:
    """The error without the reason that a peer gave, a text of its own: the peer gave one if nothing broke off."""
    error = record.error or ""
    return error.partition(": ")[0] if record.outcome == "complete" else error


def _reply(reply: Reply) -> Reply:
    id_, llm = reply.response_id, reply.llm
    return replace(reply, response_id=id_ and mask_unless_name(id_), llm=llm and without_texts(llm))


def _body(body: Body) -> Body:
    parts = body.parts and tuple(
        replace(part, name=part.name and mask_unless_name(part.name)) for part in without_filenames(body.parts)
    )
    return replace(
        body,
        content=None,
        fields=body.fields and tuple((mask_unless_name(name), None) for name, _ in body.fields),
        parts=parts,
        keys=body.keys and tuple(map(mask_unless_name, body.keys)),
    )
