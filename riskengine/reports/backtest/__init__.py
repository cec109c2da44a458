"""Reports of a back-test."""
