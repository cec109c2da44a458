"""Figures from arrays of losses, each with its 95 % interval.

This package knows no industries, files or scenarios. It imports numpy only; scipy is imported
inside the functions that need it, because it would cost every start of the command line a quarter
of a second.
"""
