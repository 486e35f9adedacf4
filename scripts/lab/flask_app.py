"""Plays the schedule it is sent with Flask."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

from flask import Flask, Response, request

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from lab.patterns import event

app = Flask(__name__)


@app.post("/<path:path>")
def stream(path: str) -> Response:
    schedule = request.get_json()["schedule"]

    def played() -> Iterator[bytes]:
        started = time.perf_counter()
        for due, kind in schedule:
            time.sleep(max(0.0, started + due - time.perf_counter()))
            yield event(kind, time.time())

    return Response(played(), content_type="text/event-stream")
