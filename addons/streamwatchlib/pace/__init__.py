"""What moments and sizes amount to: pure statistics, blind to formats, providers and blame.

``deliveries`` finds the lots that content came in, ``shape`` what they cost its reader, ``blocks`` what byte buffers
leave in the sizes, ``cadence`` a beat, ``flights`` what a long way adds, ``losses`` what lost segments do, ``clocks``
what the server's own times say, ``lag`` what the proxy itself may have caused.
"""
