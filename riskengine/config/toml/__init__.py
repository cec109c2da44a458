"""TOML text: its syntax, and the line of every key."""
