"""How a stream of server-sent events may break the rules: sentences for its record."""

UNTERMINATED = "The last event was not closed by a blank line."
NO_BLANK_LINE = "JSON documents follow each other on data lines without the blank line that ends an event."
BARE_JSON = "JSON is on lines of its own, without `data:`."
ERROR_FIELD = "An error follows `error:` instead of `event:` and `data:`."
TWICE = "Events are nested as text in the data of events: the inner ones were read."
UNKNOWN_FIELD = "Lines that are not fields of server-sent events were ignored."
