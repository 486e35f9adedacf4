"""What stands behind a verdict, for `judge` and `causes` to put together.

``case`` is one channel, ready to be judged; ``rules`` label it, ``findings`` keep the worst of all channels; ``flags``
tell what else is remarkable.  ``evidence`` gathers what a suspicion may rest on, ``culprits`` is the table of those who
may be suspected, ``traces`` and ``buffers`` tell how sure the evidence makes us of each; ``gateways`` know products by
their headers, ``accounts`` when these had the answer, ``limits`` whose time limit an end fits.  ``phrases``,
``refusals`` and ``wording`` say it.
"""
