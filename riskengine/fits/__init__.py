"""From a table of past restrictions to the parameters of a ladder, with their uncertainty."""
