"""A mitmproxy script for the tests: makes one function of streamwatch raise, named by the environment.

``STREAMWATCH_PLANT=observer.Observer.feed``
"""

import importlib
import os


def _plant(name: str) -> None:
    module, *path, last = name.split(".")
    parts = [f"streamwatchlib.{module}"]
    while path and path[0][0].islower():
        parts.append(path.pop(0))
    target = importlib.import_module(".".join(parts))
    for part in path:
        target = getattr(target, part)

    def planted(*_: object, **__: object) -> None:
        raise RuntimeError("planted")

    assert callable(getattr(target, last)), name
    setattr(target, last, planted)


_plant(os.environ["STREAMWATCH_PLANT"])
