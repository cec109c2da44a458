"""A config put together from layers: files, tables, the command line."""
