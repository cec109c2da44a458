"""The `[mitigation]` of a config."""
