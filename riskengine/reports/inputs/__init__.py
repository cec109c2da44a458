"""A config as a workbook that people edit, and messages at the cells of somebody's workbook."""
