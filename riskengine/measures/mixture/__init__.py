"""Measures of a mixture: scenarios drawn with their weights, each known from trials of its own."""
