"""A stream that was held back -> who may have done it, by which evidence, and the line to change.

In: `Evidence`.  Out: `Suspect`s, most likely first; none unless the label says that something was held back.  Who may
be suspected of what stands in `verdict.culprits` and `verdict.gateways`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from .model import HELD_BACK, Confidence, Hop, Suspect
from .verdict.culprits import HOLDERS, UNKNOWN, UNSTREAMED, Culprit
from .verdict.evidence import Evidence
from .verdict.gateways import gateways

BETWEEN: tuple[Hop, ...] = ("intermediary", "model-server")
"""Hops that may stand between two taps; an application that forms events of its own is a server to its client."""

ORDER: tuple[Confidence, ...] = ("certain", "high", "medium", "low")

_ENGINE = frozenset(culprit.cause for culprit in (*HOLDERS, *UNSTREAMED) if culprit.engine)


def of_hop(suspects: Iterable[Suspect]) -> Suspect | None:
    """The suspect whose remedy applies to a hop (proxy, gateway or application) that is known to have held the answer
    back; None where there are only guesses."""
    confident = (suspect for suspect in suspects if suspect.confidence != "low" and suspect.hop in BETWEEN)
    return next((suspect for suspect in confident if suspect.cause not in _ENGINE), None)


def suspects(evidence: Evidence) -> tuple[Suspect, ...]:
    """Most likely first: by confidence, then in table order.  None is more certain than the ruling."""
    found = sorted(_accused(evidence), key=lambda suspect: ORDER.index(suspect.confidence))
    if evidence.ruling.confidence == "low":
        found = [replace(suspect, confidence="low") for suspect in found]
    return tuple(found)


def _accused(evidence: Evidence) -> list[Suspect]:
    if evidence.label == "not-streamed":
        return [*gateways(evidence), *_match(UNSTREAMED, evidence)]
    if evidence.label not in HELD_BACK:
        return []
    found = [*_match(HOLDERS, evidence), *gateways(evidence)]
    if evidence.held_after:
        found = [_after_model(suspect) for suspect in found if suspect.cause not in _ENGINE]
    return found or _match(UNKNOWN, evidence)


def _after_model(suspect: Suspect) -> Suspect:
    """The suspect as an intermediary, if it is an application in front of the model's server, since that is cleared."""
    return replace(suspect, hop="intermediary") if suspect.hop == "model-server" else suspect


def _match(table: tuple[Culprit, ...], evidence: Evidence) -> list[Suspect]:
    return [
        Suspect(culprit.hop, culprit.cause, culprit.describe(evidence), culprit.remedy, confidence)
        for culprit in table
        if (confidence := culprit.detect(evidence)) is not None
    ]
