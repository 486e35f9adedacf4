"""Exchanges on a terminal.  Never here: mitmproxy, and the decision whether and when to print (`suite.console`).

``screen`` lays out exchanges that ended and ``live`` those in flight, ``totals`` counts them for ``summary``, and
``hints`` say why there may be none; they are built from columns (``grid``) of short values (``figures``).  ``view``
prints them, into the rows that ``region`` keeps at the bottom of the screen.  ``progress`` is the command's bar while
it reads a large file.
"""
