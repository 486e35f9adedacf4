"""How a stream of server-sent events may break the rules: sentences for its record."""

UNTERMINATED = "The last event was not closed by a blank line."
NO_BLANK_LINE = "JSON documents follow each other on data lines without the blank line that ends an event."
BARE_JSON = "JSON stands on lines of its own, without `data:`."
ERROR_FIELD = "An error stands behind `error:` instead of `event:` and `data:`."
TWICE = "Events stand as text in the data of events: it is theirs that was read."
UNKNOWN_FIELD = "Lines that are no field of server-sent events were ignored."
