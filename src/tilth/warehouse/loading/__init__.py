"""Loading: from files and databases, through a mapping, into a workspace's tables; what does not fit goes to the quarantine."""
