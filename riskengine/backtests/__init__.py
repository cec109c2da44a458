"""Replaying history without hindsight: cases as they stood, predictions, what then happened."""
