"""Recorded responses played again, at their recorded pace or through an imitation of a hop that holds back.

`playback` says what is played when, `hold` what the hop does to it, `catalog` which response a request gets; they are
pure.  `server` plays, on 127.0.0.1 only.
"""
