"""The one writer of every workbook."""
