"""The writer of all workbooks."""
