"""The keys of a config, and how each value is checked."""
