"""What to buy with a budget: portfolios of options, played, compared and chosen."""
