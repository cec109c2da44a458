"""What makes a scenario senseless although each value is well-formed."""
