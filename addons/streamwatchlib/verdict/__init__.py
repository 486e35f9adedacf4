"""The parts of a verdict, for `judge` and `causes` to put together.

``case`` is one channel, ready to be judged; ``rules`` label it, ``findings`` keeps the worst of all channels; ``flags``
are what else is remarkable.  ``evidence`` gathers what a suspicion may rest on, ``culprits`` is the table of suspects,
``detectors`` and ``buffers`` say how sure the evidence makes us of each; ``gateways`` recognises products by their
headers, ``processing_time`` when these had the answer, ``timeouts`` whose time limit an end fits, ``pauses`` the
longest silence.  ``phrases``, ``refusals`` and ``wording`` put it into words.
"""
