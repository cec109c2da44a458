"""The search for the best portfolio: combinatorics over values that somebody else plays."""
