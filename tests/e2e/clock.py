"""A mitmproxy script for the tests: the wall clock is set back an hour when the second event of a stream comes."""

import time

_true = time.time
_shift = 0.0
time.time = lambda: _true() - _shift


class Set:
    def __init__(self, inner):
        self.inner = inner
        self.calls = 0

    def __call__(self, data):
        global _shift
        self.calls += 1
        if self.calls == 2:
            _shift = 3600.0
        return self.inner(data)


def responseheaders(flow):
    flow.response.stream = Set(flow.response.stream)
