"""The sheets of the workbook of a sweep."""
