"""From the logs of collectors into a workspace's tables, every call exactly once."""
