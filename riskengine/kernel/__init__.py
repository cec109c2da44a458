"""Kernels: arrays in, arrays out; they know no names, no files and no errors of ours."""
