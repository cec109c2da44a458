"""What people see of a batch: sentences, tables, page and workbook."""
