"""What people see of a mitigation study: sentences, tables, page and workbook."""
