"""The command ``streamwatch probe``: one request, asked several ways, tells who holds an answer back.

``legs`` are the ways; ``client`` asks (httpx) and ``watcher`` runs a mitmdump with streamwatch beside it; ``blame``
concludes from what both saw, ``show`` says it, ``command`` is the command line.
"""
