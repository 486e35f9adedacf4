"""Bounded memory of the things that a stream names: messages, agents, calls.

In: names as a peer gives them, and what is known of each.  Out: the same again.
"""

from __future__ import annotations

from collections import UserDict
from collections.abc import Hashable

from .texts import MAX_NAME


class Remembered[K: Hashable, V](UserDict[K, V]):
    """A dict of at most `most` keys: further keys are not taken, nor is a string that is too long."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def __setitem__(self, key: K, value: V) -> None:
        short = not isinstance(key, str) or len(key) <= MAX_NAME
        if key in self.data or (short and len(self.data) < self._most):
            self.data[key] = value
