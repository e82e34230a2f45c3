"""The control database carried to another: every row of every table, compared on both sides before anything is kept.

SQLite to PostgreSQL when an installation grows, PostgreSQL to a SQLite file for a backup and back. Rows go through Django's fields, which know how
each database writes a moment, a JSON document or a number; nothing is computed anew on the way (``auto_now`` stays as it was).
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management.color import no_style
from django.db import connections, models, transaction

from tilth.errors import InputError
from tilth.language import _
from tilth.workbench.config import database
from tilth.workbench.tenancy import scope

BATCH = 500
SEARCH = ("wagtailsearch", "modelsearch")
"""Apps whose tables are made anew from others, differently on each database."""


class NotEmpty(InputError):
    """A database to move to that holds tables already."""

    def __init__(self, tables: int) -> None:
        self.tables = tables
        super().__init__(_("The target holds {count} tables already. Make an empty database and name that.").format(count=tables))


class Differs(InputError):
    """A table that does not hold the same on both sides."""

    def __init__(self, table: str, before: Sum, after: Sum) -> None:
        self.table, self.before, self.after = table, before, after
        problem = _("The table {table} has {before} rows here and {after} there, or others; nothing was kept there. Report this.")
        super().__init__(problem.format(table=table, before=before.rows, after=after.rows))


@dataclass(frozen=True)
class Sum:
    """What a table holds: its rows, and a SHA-256 of all their values in the order of the primary key."""

    rows: int
    digest: str


def tables() -> list[type[models.Model]]:
    """Return a model for each table that is carried, those of relations among them."""
    from django.apps import apps

    found = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True) if model._meta.managed and not model._meta.proxy}
    return [found[name] for name in sorted(found) if found[name]._meta.app_label not in SEARCH]


@contextmanager
def opened(url: str | Path) -> Iterator[str]:
    """Open another database, a URL of PostgreSQL or a SQLite file; the name by which Django knows it meanwhile."""
    alias = "other"
    told = database.configured(url, Path()) if isinstance(url, str) else {**database.configured("", Path()), "NAME": url}
    connections.settings[alias] = {**connections.settings["default"], "PASSWORD": "", "USER": "", "HOST": "", "PORT": "", "OPTIONS": {}, **told}
    try:
        yield alias
    finally:
        if hasattr(connections._connections, alias):
            connections[alias].close()
            del connections[alias]
        del connections.settings[alias]


def move(url: str, progress: Callable[[str, int, int], object] | None = None) -> dict[str, Sum]:
    """Carry the control database to an empty PostgreSQL database; return what each table holds there.

    Nothing can be written here meanwhile. The settings are not changed: whoever moves sets ``database.url`` afterwards.

    Raises
    ------
    NotEmpty
        When there are tables already.
    Differs
        When a table does not hold the same afterwards; nothing is kept then.
    """
    with opened(url) as there:
        found = connections[there].introspection.table_names()
        if found:
            raise NotEmpty(len(found))
        migrate(TILTH_DATABASE_URL=url)
        return carry("default", there, progress)


def migrate(**environment: str) -> None:
    """Make the tables of another database, in a process of its own for which it is the database: migrations write to the one they are run for."""
    command = [sys.executable, "-m", "django", "migrate", "--no-input", "--verbosity=0", "--skip-checks"]
    settings = {"DJANGO_SETTINGS_MODULE": "tilth.workbench.config.settings"}
    subprocess.run(command, env={**os.environ, **settings, **environment}, check=True)


def carry(here: str, there: str, progress: Callable[[str, int, int], object] | None = None) -> dict[str, Sum]:
    """Carry all rows from one database to another that was migrated just now, in one transaction on each; return what each table holds."""
    carried = tables()
    with scope.everywhere(), transaction.atomic(here), transaction.atomic(there):
        _one_moment(here)
        _empty(there, carried)
        sums = {}
        for number, model in enumerate(carried, 1):
            name = model._meta.db_table
            for rows in _batches(model, here):
                models.QuerySet(model, using=there)._insert(rows, fields=_fields(model), using=there, raw=True)
            if progress is not None:
                progress(name, number, len(carried))
        with connections[there].cursor() as cursor:
            for statement in connections[there].ops.sequence_reset_sql(no_style(), carried):
                cursor.execute(statement)
        for model in carried:
            before, after = summed(model, here), summed(model, there)
            if before != after:
                raise Differs(model._meta.db_table, before, after)
            sums[model._meta.db_table] = after
    return sums


def summed(model: type[models.Model], using: str) -> Sum:
    """Return what a table holds."""
    digest, rows = hashlib.sha256(), 0
    for row in _rows(model, using):
        digest.update(json.dumps([_plain(value) for value in row], ensure_ascii=False, sort_keys=True).encode())
        rows += 1
    return Sum(rows, digest.hexdigest())


def _one_moment(using: str) -> None:
    """Let all that is read in this transaction be of one moment; SQLite's transactions are so by themselves."""
    if connections[using].vendor == "postgresql":
        with connections[using].cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def _empty(using: str, carried: list[type[models.Model]]) -> None:
    """Remove what migrations have written; the rows carried bring their own."""
    names = [model._meta.db_table for model in carried]
    with connections[using].cursor() as cursor:
        for statement in connections[using].ops.sql_flush(no_style(), names, reset_sequences=True, allow_cascade=True):
            cursor.execute(statement)


def _fields(model: type[models.Model]) -> list[Any]:
    return [field for field in model._meta.local_concrete_fields if not field.generated]


def _rows(model: type[models.Model], using: str) -> Iterator[tuple[Any, ...]]:
    names = [field.attname for field in _fields(model)]
    return models.QuerySet(model, using=using).order_by("pk").values_list(*names).iterator(chunk_size=BATCH)


def _batches(model: type[models.Model], using: str) -> Iterator[list[models.Model]]:
    names = [field.attname for field in _fields(model)]
    batch = []
    for row in _rows(model, using):
        batch.append(model(**dict(zip(names, row, strict=True))))
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _plain(value: Any) -> Any:
    """Return a value as both databases give it alike."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat() if value.tzinfo else value.isoformat()
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, Decimal):
        return str(value.normalize())
    if isinstance(value, float) and value.is_integer():
        return int(value)  # 1.0 in a JSON document comes back as 1.0 or 1
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
