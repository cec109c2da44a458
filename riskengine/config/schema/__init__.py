"""The keys of a config, and the checks of each value."""
