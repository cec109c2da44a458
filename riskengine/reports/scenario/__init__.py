"""What a scenario holds, before anything is simulated: its tables, its ladder, the page of both."""
