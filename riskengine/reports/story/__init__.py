"""The story of one trial: dated events, and its loss in parts."""
