"""Flows read from a file: the record worked out again from what is stored with them."""

from __future__ import annotations

from mitmproxy import http

from ..model import Record
from ..stored import Observation, record_of, unpack
from . import heads
from .exchange import METADATA
from .options import Settings
from .policy import error_of, outcome_of


def record(flow: http.HTTPFlow, settings: Settings) -> Record:
    """The record of a stored flow.  Without a stored observation it says that no arrival times were recorded."""
    response = flow.response
    return record_of(
        heads.opening(flow),
        flow.request.raw_content,
        heads.head(response) if response else None,
        response.raw_content if response else None,
        _observation(flow),
        settings.limits,
        messages=(message for _, message in heads.messages(flow)),
        keep_text=settings.keep_text,
    )


def _observation(flow: http.HTTPFlow) -> Observation:
    stored = flow.metadata.get(METADATA)
    if isinstance(stored, str):
        try:
            return unpack(stored)
        except ValueError:
            pass  # not ours, or damaged: the flow still tells what any flow does
    return _plain(flow)


def _plain(flow: http.HTTPFlow) -> Observation:
    """What a flow recorded without streamwatch tells: mitmproxy's own four times, and how it ended."""
    start = flow.request.timestamp_start
    response, socket = flow.response, flow.websocket
    end = socket.timestamp_end if socket else response.timestamp_end if response else None

    def offset(stamp: float | None) -> float | None:
        return None if stamp is None else round(max(0.0, stamp - start), 6)

    return Observation(
        outcome=outcome_of(flow),
        error=error_of(flow),
        request_end=offset(flow.request.timestamp_end),
        response_start=offset(response.timestamp_start) if response else None,
        end=offset(end),
    )
