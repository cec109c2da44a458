"""Compiles kernels to machine code and caches it between processes."""
