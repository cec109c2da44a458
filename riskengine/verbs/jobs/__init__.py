"""What is behind verbs: streamed runs, sweeps point by point, compared runs, stored trials."""
