"""A scenario laid out as the arrays that kernels read."""
