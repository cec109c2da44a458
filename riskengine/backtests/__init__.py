"""Replays history without hindsight: cases as they stood, predictions, and what then happened."""
