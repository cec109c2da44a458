"""The languages of pages and workbooks: texts, numbers, dates and amounts of money."""
