"""XLSX workbooks as grids of typed cells, read in bounded memory and time."""
