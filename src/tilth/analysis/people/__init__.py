"""Questions about people: who they are, and what sets them apart."""
