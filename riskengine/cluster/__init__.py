"""Plays the trials of a plan on worker processes, on this machine or on others.

Ranges of trials are sent out as tasks. Their sums come back and are combined in any order; the
order does not affect the result. Dask distributed sends both, and reassigns the tasks of a lost
worker to other workers. It is imported only when a cluster is used.
"""
