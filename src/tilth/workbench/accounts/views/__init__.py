"""Pages of settings, of one's own account, and of the door."""
