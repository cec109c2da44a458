"""Tables as data; numbers, dates and chances as text."""
