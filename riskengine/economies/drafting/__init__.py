"""A scenario for any importer: what trade data tell is derived, the rest is borrowed and named.

`draft` puts it together of `supply` (materials, sources), `demand` (industries, uses), `reserves`
(stocks, alternatives) and `politics`; `cases` reads the shipped case that it borrows from, and
`wording` writes rows and remarks.
"""
