"""A config as tables that people edit: the sheets of a workbook, or files beside a TOML file."""
