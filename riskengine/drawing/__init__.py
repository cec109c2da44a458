"""Axes, shapes and words as SVG."""
