"""The condition that keeps a query in its workspace. It is settled when the query runs, not when it is written.

A form's choices are written while the code is loaded, where there is no workspace; they are those of whoever asks. A query that was written in one
workspace and runs in another is a fault and says so.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import FullResultSet
from django.db import models

from tilth.workbench.tenancy import scope


class InScope(models.Lookup):
    """Whether a row is of the workspace in scope; true of every row inside ``scope.everywhere()``.

    Parameters
    ----------
    key : expression
        The column that names the workspace.
    written_in : int or None
        Key of the workspace in which the query was written, if in any.
    """

    lookup_name = "in_scope"
    prepare_rhs = False

    def __init__(self, key: Any, written_in: int | None) -> None:
        super().__init__(key, written_in)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        """Write the condition; NoWorkspace for a query of nobody's, ValueError for one of another workspace."""
        here = scope.chosen()
        key = self.rhs if here is None else here.pk
        if key is None:
            if scope.is_everywhere():
                raise FullResultSet
            raise scope.NoWorkspace
        if self.rhs not in (None, key):
            raise ValueError(f"a query written in workspace {self.rhs} runs in workspace {key}")
        column, values = self.process_lhs(compiler, connection)
        return f"{column} = %s", [*values, key]
