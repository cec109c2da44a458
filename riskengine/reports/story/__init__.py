"""One trial, told as dated events with its loss in parts."""
