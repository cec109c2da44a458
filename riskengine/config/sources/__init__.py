"""The inputs of a config: files, grids of cells, names."""
