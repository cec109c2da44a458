"""What a config is read from: files, grids of cells, names."""
