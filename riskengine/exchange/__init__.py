"""A results folder as Open Results Data, the insurance market's tables."""
