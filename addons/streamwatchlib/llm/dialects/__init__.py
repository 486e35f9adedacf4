"""The dialects: a file for each API, or for a family of APIs that are read alike.

In: parsed payloads.  Out: a `Reading` of each, and the answer they add up to, on the base that `..dialect` gives.
`..table` says where each API is served.
"""
