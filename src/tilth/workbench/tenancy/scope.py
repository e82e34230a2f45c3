"""The workspace that the running code works for.

A request, a job or a command enters the scope of one workspace; every model that belongs to a workspace is read and written inside that scope only.
Without one, :class:`NoWorkspace` is raised: forgetting the workspace is an error, never a leak.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from tilth.errors import TilthError
from tilth.language import _

if TYPE_CHECKING:
    from tilth.workbench.tenancy.models import Workspace

_EVERYWHERE = object()
_scope: ContextVar[object | None] = ContextVar("tilth_workspace", default=None)


class NoWorkspace(TilthError):
    """Rows of a workspace were asked for outside any workspace."""

    def __init__(self) -> None:
        super().__init__(_("No workspace is in scope: open one with scope.use(workspace) before its rows are read or written."))


def current() -> Workspace:
    """Return the workspace in scope; NoWorkspace when there is none, or when all are in scope and one is needed."""
    found = _scope.get()
    if found is None or found is _EVERYWHERE:
        raise NoWorkspace
    return found  # type: ignore[return-value]


def chosen() -> Workspace | None:
    """Return the workspace in scope, or None where there is none."""
    found = _scope.get()
    return None if found is _EVERYWHERE else found  # type: ignore[return-value]


def is_everywhere() -> bool:
    """Whether the rows of all workspaces are in scope."""
    return _scope.get() is _EVERYWHERE


@contextmanager
def use(workspace: Workspace) -> Iterator[Workspace]:
    """Work for `workspace` inside a ``with`` block."""
    token = _scope.set(workspace)
    try:
        yield workspace
    finally:
        _scope.reset(token)


@contextmanager
def everywhere() -> Iterator[None]:
    """See the rows of all workspaces inside a ``with`` block: for the worker, backup and removal of a workspace, never for a request's answer."""
    token = _scope.set(_EVERYWHERE)
    try:
        yield
    finally:
        _scope.reset(token)
