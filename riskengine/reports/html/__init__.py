"""The skeleton, style, content policy and charts that all pages share."""
