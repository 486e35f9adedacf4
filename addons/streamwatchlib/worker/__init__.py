"""The process beside the proxy's: what has passed is read there, judged, masked and written as text.

mitmproxy's event loop serves all streams: what it does for one, the others wait for.  So it only dates what comes and
hands it over, and a process of its own does the rest, on another core.  In: calls, as plain tuples (`desk`).  Out:
answers, in the model's words (`answers`).  Never here: mitmproxy, files, the clock.  Where no such process can be
started, the same runs in a thread (`suite.worker`).
"""
