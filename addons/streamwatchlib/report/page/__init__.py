"""The parts of the HTML report.

In: records.  Out: markup, in which everything that came over the wire is escaped.  `markup` is the only module that
makes markup out of text.
"""
