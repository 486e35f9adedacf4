"""What a hop did to requests that were watched on both sides of it.

``fingerprint`` takes from a record what identifies it, including ``digests`` of its texts; ``links`` says whether two
fingerprints are one request, ``align`` which of their moments correspond, ``matching`` and ``clocks`` find the pairs of
two record files and the offset of their clocks; ``passage`` works out what the hop added, ``wording`` puts it into a
sentence, ``revise`` corrects the verdict of the record downstream; ``sides`` does all that with two record files,
``table`` shows both.
"""
