"""Where a question runs: on the cores of this machine, or on a cluster."""

ENGINES = ("local", "spark")
