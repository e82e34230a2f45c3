"""What clients send, read into calls: one file a format."""
