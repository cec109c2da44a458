"""Reports on who supplies what: the largest supplier by stage, a map, the trend."""
