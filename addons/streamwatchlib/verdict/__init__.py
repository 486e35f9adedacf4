"""What stands behind a verdict, for `judge` and `causes` to put together.

``rules`` make a label of a shape, ``flags`` what else is remarkable; ``evidence`` gathers what a suspicion may rest
on, ``traces`` tell how sure it makes us of each culprit, ``gateways`` know products by their headers; ``phrases`` and
``wording`` say it.
"""
