"""The condition that keeps a query in its workspace. It is settled when the query runs, not when it is written.

A form's choices are written while the code is loaded, where there is no workspace; they are those of whoever asks. A query that was written in one
workspace and runs in another is a fault and says so.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import FullResultSet
from django.db import models

from tilth.workbench.tenancy import scope


class InScope(models.Func):
    """Whether a row is of the workspace in scope; true of every row inside ``scope.everywhere()``.

    Parameters
    ----------
    written_in : int or None
        Key of the workspace in which the query was written, if in any.
    """

    output_field = models.BooleanField()

    def __init__(self, written_in: int | None) -> None:
        super().__init__(models.F("workspace"))
        self.written_in = written_in

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:
        """Write the condition; NoWorkspace for a query of nobody's, ValueError for one of another workspace."""
        here = scope.chosen()
        key = self.written_in if here is None else here.pk
        if key is None:
            if scope.is_everywhere():
                raise FullResultSet
            raise scope.NoWorkspace
        if self.written_in not in (None, key):
            raise ValueError(f"a query written in workspace {self.written_in} runs in workspace {key}")
        column, values = compiler.compile(self.source_expressions[0])
        return f"{column} = %s", [*values, key]
