"""A plan's trials played by worker processes, on this machine or on others.

Ranges of trials go out as tasks; what they add up to comes back and is put together in any order,
which cannot show in the result. Dask distributed carries both, and gives the tasks of a worker that
is lost to others. It is loaded when a cluster is asked for, and not before.
"""
