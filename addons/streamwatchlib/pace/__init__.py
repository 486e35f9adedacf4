"""When the pieces of an answer arrived, and how large they were: pure statistics.

In: times, sizes and counts of arrivals and content events.  Out: figures.  Never here: formats, providers, blame.

A *lot* is what came between two silences; a *lump* is a lot that no model can have generated at that moment.
``deliveries`` finds how content was delivered, ``shape`` what that costs its reader, ``blocks`` what byte buffers leave
in the sizes, ``cadence`` a beat, ``flights`` the effect of TCP's windows on a long path, ``losses`` that of lost
segments, ``clocks`` what the server's own times show, ``lag`` what the proxy itself may have caused.
"""
