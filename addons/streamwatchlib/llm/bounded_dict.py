"""Bounded memory of the things that a stream names: messages, agents, calls.

In: names as a peer gives them, and what is known of each.  Out: the same again.
"""

from __future__ import annotations

from collections import UserDict
from collections.abc import Hashable

from .texts import MAX_NAME


class BoundedDict[K: Hashable, V](UserDict[K, V]):
    """A dict of at most `max_size` keys: further keys are not taken, nor is a string that is too long."""

    def __init__(self, max_size: int) -> None:
        super().__init__()
        self._max_size = max_size

    def __setitem__(self, key: K, value: V) -> None:
        short = not isinstance(key, str) or len(key) <= MAX_NAME
        if key in self.data or (short and len(self.data) < self._max_size):
            self.data[key] = value
