"""The `[sweep]` of a config."""
