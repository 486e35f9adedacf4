"""Who says what: a file for each API, or for a family of them that one reading fits.

In: parsed payloads.  Out: a `Reading` of each, and the answer they add up to, on the base that `..dialect` gives.
`..table` says where each API lives.
"""
