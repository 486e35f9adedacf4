"""Bytes to events: framings, content-codings, body classes.  Knows no provider."""
