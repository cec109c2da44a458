"""Arrays -> figures: what a sample of losses says, each figure with its 95 % interval.

Knows no industries, no files and no scenario; numpy only, and scipy inside the functions that
need it, because it would cost every start of the command line a quarter of a second.
"""
