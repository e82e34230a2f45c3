"""The warehouse: one workspace's facts as Delta tables, loading into them, keeping and moving them."""
