"""Tables as data, and numbers, dates and chances as text."""
