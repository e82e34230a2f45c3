"""What the API offers, a file for each kind of thing."""
