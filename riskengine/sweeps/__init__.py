"""A sweep: many versions of one scenario, and which assumption moves the answer."""
