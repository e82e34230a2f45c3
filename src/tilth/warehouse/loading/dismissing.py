"""Rows of the quarantine that nobody will mend: kept, marked with who decided so and why, counted apart; they can be put back to wait."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyarrow as pa

from tilth.warehouse.delta import ATTEMPTS, OvertakenError, pause
from tilth.warehouse.loading import quarantine
from tilth.warehouse.loading.load import account
from tilth.warehouse.loading.mending import NotInQuarantineError

if TYPE_CHECKING:
    from tilth.warehouse.workspace import Workspace


def dismiss(workspace: Workspace, load: str, rows: Iterable[int], who: str | None = None, reason: str = "") -> int:
    """Set waiting rows of a load aside for good; return how many were waiting.

    A row that is mended all the same counts as mended.

    Parameters
    ----------
    workspace : Workspace
        Whose.
    load : str
        The load that the rows came with.
    rows : iterable of int
        Their numbers.
    who : str, optional
        Who decides it; by default the account's name.
    reason : str
        Why.

    Raises
    ------
    UnknownName
        When there is no such load.
    NotInQuarantineError
        When such a row was never put aside.
    """
    return _decide(workspace, load, tuple(rows), who, reason, state="waiting")


def put_back(workspace: Workspace, load: str, rows: Iterable[int], who: str | None = None) -> int:
    """Let dismissed rows of a load wait again; return how many were dismissed. The arguments and errors are those of :func:`dismiss`."""
    return _decide(workspace, load, tuple(rows), who, "", state="dismissed")


def _decide(workspace: Workspace, load: str, rows: tuple[int, ...], who: str | None, reason: str, *, state: str) -> int:
    """Change the state of those of the rows that have `state`, unless somebody else decides at the same moment: then look again."""
    table = workspace.record("dismissals")
    for attempt in range(ATTEMPTS):
        handle = table.made()
        turn = handle.version() + 1
        states = {one.row: one.state for one in quarantine.rows(workspace, load)}
        for row in rows:
            if row not in states:
                raise NotInQuarantineError(load, row)
        chosen = [row for row in dict.fromkeys(rows) if states[row] == state]
        if not chosen:
            return 0
        told = {"load": load, "turn": turn, "dismissed": state == "waiting", "time": datetime.now(UTC), "who": who or account(), "reason": reason}
        file = table.written(pa.Table.from_pylist([{**told, "row": row} for row in chosen], schema=table.arrow))
        try:
            table.commit(handle, [file], {})
        except OvertakenError:
            (table.path / file.path).unlink()
            pause(attempt)
        else:
            return len(chosen)
    raise OvertakenError(table.name)
