"""A config as the tables that it can be read from: the way back from a document to its files."""
