"""Does this stream really stream?  CONTRIBUTING.md describes the rooms of this package and what each may import."""

__version__ = "0.1.0"
