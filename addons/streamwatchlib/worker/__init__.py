"""The process beside the proxy's, in which traffic is parsed, judged, masked and written as text.

mitmproxy's event loop serves all streams: work for one makes the others wait.  So it only timestamps the bytes and
hands them over; a process of its own does the rest, on another core.  Where no such process can be started, the same
code runs in a thread (`suite.worker`).

In: calls, as plain tuples (`handler`).  Out: answers, in classes of the model (`answers`).  Never here: mitmproxy,
files, the clock (but for signs of life in `serve`).
"""
