"""Files on their way in: pieces that arrive, what the whole is, and what its rows would become."""
