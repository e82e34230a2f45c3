"""The behaviour bench: what questions about behaviour cost in Tilth and in peers, side by side.

``data`` generates the events, ``ours`` asks Tilth, ``peers`` asks the others, ``measure`` is how either is timed, ``verdict`` compares answers and
holds ratios to their limits, ``table`` writes them down. Tilth and every peer is a process of its own, which prints what it measured as JSON.
"""
