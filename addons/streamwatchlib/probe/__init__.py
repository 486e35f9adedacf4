"""The command ``streamwatch probe``: sends one request several ways to find out who holds the response back.

``legs`` are the ways; ``client`` sends (httpx) and ``watcher`` runs a mitmdump with streamwatch beside it; ``blame``
concludes from what both saw, ``show`` renders it, ``command`` is the command line.
"""
