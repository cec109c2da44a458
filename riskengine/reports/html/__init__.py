"""The one skeleton, style and content policy of every page, and its charts."""
