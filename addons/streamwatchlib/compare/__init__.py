"""One request watched on both sides of a hop -> what the hop did to it.

``trace`` takes from a record what tells it again; ``links`` says whether two of them are one request, ``matching`` and
``clocks`` find the pairs of two record files and how far their clocks were apart; ``passage`` works out what the hop
added, ``wording`` says it, ``settle`` draws the conclusion for the record downstream, ``table`` shows both sides.
"""
