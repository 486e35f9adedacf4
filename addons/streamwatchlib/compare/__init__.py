"""One request watched on both sides of a hop -> what the hop did to it.

``trace`` takes from a record what tells it again, ``digests`` of its texts among it; ``links`` says whether two of them
are one request, ``align`` which moments belong together, ``matching`` and ``clocks`` find the pairs of two record files
and how far their clocks were apart; ``passage`` works out what the hop added, ``wording`` says it, ``settle`` draws the
conclusion for the record downstream; ``sides`` does all that with two record files, ``table`` shows both.
"""
