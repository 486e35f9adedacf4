"""Flows read from a file: the record worked out again from what is stored with them."""

from __future__ import annotations

from mitmproxy import http

from ..model import Record
from ..stored import Observation, StoredExchange, rebuilt_record
from ..timing import offset
from . import heads
from .exchange import METADATA
from .options import Settings
from .policy import error_of, outcome_of


def record(flow: http.HTTPFlow, settings: Settings) -> Record:
    """The record of a stored flow.  Without a stored observation it says that no arrival times were recorded."""
    return rebuilt_record(stored_exchange(flow), settings.limits, keep_text=settings.keep_text)


def stored_exchange(flow: http.HTTPFlow) -> StoredExchange:
    """All that is stored with a flow."""
    response, packed = flow.response, flow.metadata.get(METADATA)
    return StoredExchange(
        opening=heads.opening(flow),
        request=flow.request.raw_content,
        head=heads.head(response) if response else None,
        response=response.raw_content if response else None,
        fallback=_fallback(flow),
        packed=packed if isinstance(packed, str) else None,
        messages=tuple(message for _, message in heads.messages(flow)),
    )


def _fallback(flow: http.HTTPFlow) -> Observation:
    """The observation of a flow recorded without streamwatch: mitmproxy's own timestamps, and how it ended."""
    start = flow.request.timestamp_start
    response, socket = flow.response, flow.websocket
    end = socket.timestamp_end if socket else response.timestamp_end if response else None

    def after(stamp: float | None) -> float | None:
        return None if stamp is None else offset(stamp, start)

    outcome = outcome_of(flow)
    return Observation(
        outcome=outcome,
        error=error_of(flow, outcome),
        request_end=after(flow.request.timestamp_end),
        response_start=after(response.timestamp_start) if response else None,
        end=after(end),
    )
