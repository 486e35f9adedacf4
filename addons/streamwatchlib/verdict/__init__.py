"""What stands behind a verdict, for `judge` and `causes` to put together.

``rules`` make a label of a channel's shape, ``findings`` keep the worst of all channels; ``flags`` tell what else is
remarkable; ``evidence`` gathers what a suspicion may rest on, ``traces`` tell how sure it makes us of each culprit,
``gateways`` know products by their headers, ``accounts`` when these had the answer, ``limits`` whose time limit an end
fits; ``culprits`` is the table of who may have held it back; ``phrases``, ``refusals`` and ``wording`` say it.
"""
