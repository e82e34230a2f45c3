"""What is told when rows come into the tables outside a job: mending them in quarantine does, in the request that mends."""

from __future__ import annotations

from django.dispatch import Signal

rows_changed = Signal()
"""Sent with ``actor`` in the transaction of the action, once the tables hold other rows."""
