"""A workspace: the folder where one business keeps its facts.

``workspace.toml`` says how its days are cut and what its money is; ``tables/`` holds the facts and ``records/`` what the warehouse knows about
its own work, both as Delta Lake tables. Any number of processes may read and write at once.

>>> import tempfile
>>> with tempfile.TemporaryDirectory() as folder:
...     workspace = Workspace.create(Path(folder) / "shop")
...     workspace.tz, workspace.relation("orders").columns[:4], workspace.status()["rows"].sum()
('Asia/Shanghai', ['month', 'seq', 'person', 'person_kind'], np.int64(0))
"""

# ruff: noqa: S608  (every identifier and literal in the SQL is quoted)

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from tilth.engine import ENGINES
from tilth.engine.conditions import literal, quoted
from tilth.engine.sources import Source, connect
from tilth.errors import InputError, UnknownName
from tilth.language import _
from tilth.warehouse import scan, schema
from tilth.warehouse.delta import Delta
from tilth.warehouse.loading.history import History

if TYPE_CHECKING:
    import pandas as pd

    from tilth.analysis.events import Events
    from tilth.analysis.orders import Orders
    from tilth.engine.people import PersonSet
    from tilth.warehouse.loading.ingest import Progress
    from tilth.warehouse.loading.load import Load
    from tilth.warehouse.loading.mapping import Mapping
    from tilth.warehouse.loading.mending import Corrections, Mend
    from tilth.warehouse.loading.quarantine import Shown
    from tilth.warehouse.loading.reload import Reload
    from tilth.warehouse.loading.undoing import Undone
    from tilth.warehouse.persons import Page, PeopleFilter, Person, Timeline

FILE = "workspace.toml"
WEEK_STARTS = ("monday", "sunday", "saturday")


class WorkspaceError(InputError):
    """A folder that is no workspace, or none that can be used."""

    def __init__(self, root: Path, problem: str) -> None:
        self.root = root
        super().__init__(f"{root}: {problem}")


class Workspace:
    """The facts of one business. Use :meth:`create` or :meth:`open`.

    Attributes
    ----------
    root : Path
        Its folder.
    tz : str
        Time zone in which days, weeks and months are cut and times without an offset are read.
    currency : str
        Currency of its amounts, by ISO 4217.
    week_start : str
        First day of its weeks.
    version : int
        Version of its stored schema.
    """

    def __init__(self, root: Path, settings: dict[str, Any]) -> None:
        self.root = root.absolute()  # it stays the same folder when the process moves to another
        self.tz: str = settings["tz"]
        self.currency: str = settings["currency"]
        self.week_start: str = settings["week_start"]
        self.version: int = settings["version"]
        self.engine: str = settings.get("engine", "local")

    @classmethod
    def create(cls, root: str | Path, tz: str = "Asia/Shanghai", currency: str = "CNY", week_start: str = "monday") -> Workspace:
        """Make a workspace in a folder that is empty or not there yet.

        Raises
        ------
        WorkspaceError
            When there is a workspace already, the folder holds other files, or a setting is none.
        """
        root = Path(root)
        if (root / FILE).exists():
            raise WorkspaceError(root, _("There is a workspace here already; open it instead."))
        if root.exists() and (not root.is_dir() or any(root.iterdir())):
            raise WorkspaceError(root, _("A workspace needs an empty folder of its own."))
        settings = {"version": schema.VERSION, "tz": tz, "currency": currency.upper(), "week_start": week_start}
        _check(root, settings)
        root.mkdir(parents=True, exist_ok=True)
        write_settings(root, settings)
        return cls(root, settings)

    @classmethod
    def open(cls, root: str | Path) -> Workspace:
        """Open a workspace.

        Raises
        ------
        WorkspaceError
            When the folder is no workspace, its settings are damaged, or it was written by another version of Tilth.
        """
        root = Path(root)
        settings = read_settings(root)
        if settings["version"] > schema.VERSION:
            problem = _("It was written by a newer Tilth (format {stored}; this one knows up to {known}). Upgrade Tilth.")
            raise WorkspaceError(root, problem.format(stored=settings["version"], known=schema.VERSION))
        if settings["version"] < schema.VERSION:
            problem = _("It is of an older format ({stored}; now {known}). Upgrade it with 'tilth upgrade'; make a backup first.")
            raise WorkspaceError(root, problem.format(stored=settings["version"], known=schema.VERSION))
        return cls(root, settings)

    def __repr__(self) -> str:
        return f"Workspace({str(self.root)!r}, tz={self.tz!r})"

    # --- what is stored

    def table(self, name: str) -> Delta:
        """Return a table of facts as stored; UnknownName when there is none of that name."""
        if name not in schema.TABLES:
            raise UnknownName(_("table"), name, schema.TABLES)
        return Delta(self.root / "tables" / name, name, schema.TABLES[name].arrow, partitioned=True)

    def record(self, name: str) -> Delta:
        """Return a table of what the warehouse keeps about its own work: loads, quarantine, mends."""
        return Delta(self.root / "records" / name, name, schema.RECORDS[name].arrow, partitioned=False)

    @cached_property
    def history(self) -> History:
        """The records of its loads."""
        return History(self.record("loads"), self.table)

    def properties(self, table: str) -> tuple[str, ...]:
        """Return the names of the properties that loads brought to a table, those of columns left out."""
        stored = {column.name for column in schema.TABLES[table].stored}
        names = (name for told in self.history.properties(table) for name in json.loads(told))
        return tuple(name for name in dict.fromkeys(names) if name not in stored)

    def relation(self, table: str, connection: Any = None, version: int | None = None) -> Any:
        """Return a table as a DuckDB relation, its properties as columns beside its own; they are read only when they are used.

        Parameters
        ----------
        table : str
            The table.
        connection : duckdb.DuckDBPyConnection, optional
            Where the relation is to live; by default a connection of its own, in memory.
        version : int, optional
            The version to read; by default the current one.

        Raises
        ------
        UnknownName
            When there is no such table.
        """
        delta = self.table(table)
        connection = connection if connection is not None else connect(self.tz)
        names = ", ".join(quoted(column.name) for column in schema.TABLES[table].stored)
        offered = "".join(f", json_extract_string(properties, {literal(scan.pointer(name))}) AS {quoted(name)}" for name in self.properties(table))
        return connection.sql(f"SELECT {names}{offered} FROM {scan.rows(connection, delta, version)}")

    def events(self, version: int | None = None, engine: str | None = None) -> Events:
        """Return the events, ready for questions.

        They come from the index (see :mod:`tilth.warehouse.index`), in which ids are the people they stand for; of an older version, those for whom
        they stood when it was committed.

        Parameters
        ----------
        version : int, optional
            Of the table; by default the present one.
        engine : {"local", "spark"}, optional
            Where questions run; by default where the workspace's settings say.
        """
        from tilth.warehouse import cluster

        chosen = engine or self.engine
        _check_engine(self.root, chosen)
        found: Events = cluster.events(self, version) if chosen == "spark" else self._events_here(version)
        found.elsewhere = lambda other: self.events(version, other)
        return found

    def _events_here(self, version: int | None) -> Events:
        from tilth.analysis.events import Events
        from tilth.engine.index.indexed import IndexedHistory
        from tilth.warehouse import index

        with suppress(OSError):  # where no index can be written, rows are read and sorted for this question
            found = index.opened(self, version=version)
            at = found.about.source["events"]
            return Events.over(IndexedHistory(found, lambda: Source(self.relation("events", version=at))), tz=self.tz, week_start=self.week_start)
        rows = Source(self.relation("events", version=version))
        return Events(rows, person="person", time="time", event="event", order="seq", tz=self.tz, week_start=self.week_start)

    def orders(self, version: int | None = None) -> Orders:
        """Return the orders, ready for questions."""
        from tilth.analysis.orders import Orders

        rows = Source(self.relation("orders", version=version))
        return Orders(rows, person="person", time="time", amount="amount", order="order", product="product", tz=self.tz)

    def status(self) -> pd.DataFrame:
        """Return one row a table: table, rows, files, bytes, version (-1 while nothing was ever loaded)."""
        import pandas as pd

        rows = []
        for name in schema.TABLES:
            version, files = self.table(name).files()
            rows.append((name, sum(file.rows for file in files), len(files), sum(file.bytes for file in files), version))
        return pd.DataFrame(rows, columns=["table", "rows", "files", "bytes", "version"])

    def table_version(self, table: str) -> int:
        """Return a table's version, -1 while nothing was ever loaded: what is computed from it alone may be kept as long as this stays the same."""
        handle = self.table(table).now()
        return -1 if handle is None else int(handle.version())

    def event_dictionary(self, version: int | None = None) -> pd.DataFrame:
        """Return the events there are; see :func:`tilth.warehouse.dictionary.events`."""
        from tilth.warehouse import dictionary

        return dictionary.events(self, version)

    def property_dictionary(self, event: str | None = None, table: str = "events") -> pd.DataFrame:
        """Return the properties of a table's rows; see :func:`tilth.warehouse.dictionary.properties`."""
        from tilth.warehouse import dictionary

        return dictionary.properties(self, event, table)

    # --- people

    def people_page(self, given: PeopleFilter | None = None, within: PersonSet | Iterable[Any] | None = None, **how: Any) -> Page:
        """Return a page of the list of people; see :func:`tilth.warehouse.persons.listing`."""
        from tilth.warehouse import persons

        return persons.listing(self, given or persons.PeopleFilter(), within, **how)

    def person(self, id: str) -> Person:
        """Return the person who goes by an id; see :func:`tilth.warehouse.persons.person`."""
        from tilth.warehouse import persons

        return persons.person(self, id)

    def timeline(self, id: str, before: str | None = None, limit: int = 50, events: Iterable[str] | None = None, *, orders: bool = True) -> Timeline:
        """Return what a person did and bought, newest first; see :func:`tilth.warehouse.persons.timeline`."""
        from tilth.warehouse import persons

        return persons.timeline(self, id, before, limit, events, orders=orders)

    # --- loading

    def load(
        self,
        source: Any,
        mapping: Mapping | str | None = None,
        table: str | None = None,
        *,
        name: str | None = None,
        format: Any = None,
        progress: Callable[[Progress], object] | None = None,
        cancel: Callable[[], bool] | None = None,
        who: str | None = None,
    ) -> Load:
        """Load a file, or rows that are in memory or come from a database, into a table: all of it or nothing.

        Parameters
        ----------
        source : path, pyarrow.Table, pyarrow.RecordBatchReader or pandas.DataFrame
            What to load.
        mapping : Mapping, str or None
            How; the name of a template; None: proposed from names and values.
        table : str, optional
            The table, where the mapping is to be proposed.
        name : str, optional
            What to call a source that is no file.
        format : Format, optional
            How the file is written; by default it is found out.
        progress : callable, optional
            Called with a :class:`~tilth.warehouse.loading.ingest.Progress` now and then.
        cancel : callable, optional
            Asked now and then; when it returns True the load ends and the table is as it was.
        who : str, optional
            Who loads, for the history; by default the account's name.

        Returns
        -------
        Load
            What was done. Rows that do not fit are in the quarantine.
        """
        from tilth.warehouse.loading import load, order

        return load.run(self, order.taken(self.root, source, mapping, table, name, format, progress, cancel, who))

    def loads(self) -> pd.DataFrame:
        """Return the loads in the order they began: the columns of the ``loads`` record, undone (when; NaT while it stands), undone_by."""
        import pandas as pd

        from tilth.warehouse.loading import undoing

        columns = [column.name for column in schema.RECORDS["loads"].columns]
        undone = undoing.undone(self)
        records = sorted([*self.history.all(), *(record for record, _undo in undone.values())], key=lambda record: (record.time, record.load))
        frame = pd.DataFrame([[getattr(record, column) for column in columns] for record in records], columns=columns)
        undos = [undone[load][1] if load in undone else {"time": None, "who": None} for load in frame["load"]]
        frame["undone"] = pd.Series([undo["time"] for undo in undos], dtype="datetime64[us, UTC]")
        frame["undone_by"] = pd.Series([undo["who"] for undo in undos], dtype=object)
        return frame

    def quarantine(self, load: str | None = None) -> pd.DataFrame:
        """Return the rows that did not fit, of all loads or one; see :func:`tilth.warehouse.loading.quarantine.frame` for the columns."""
        from tilth.warehouse.loading import quarantine

        return quarantine.frame(self, load)

    def export_quarantine(self, path: str | Path, load: str | None = None, shown: Shown | None = None) -> int:
        """Write the rows that wait in quarantine to a CSV file to be mended there; return how many."""
        from tilth.warehouse.loading import quarantine

        return quarantine.export(self, path, load, shown)

    def reload(self, path: str | Path, *, who: str | None = None, shown: Shown | None = None) -> Reload:
        """Load the mended rows of a file that :meth:`export_quarantine` wrote; each is accepted once, however often its file is loaded."""
        from tilth.warehouse.loading import reload

        return reload.run(self, path, who, shown)

    def mend(self, load: str, corrections: Corrections, *, who: str | None = None) -> Mend:
        """Put quarantined rows of a load right and load them, each once; see :func:`tilth.warehouse.loading.mending.mend`."""
        from tilth.warehouse.loading import mending

        return mending.mend(self, load, corrections, who)

    def dismiss(self, load: str, rows: Iterable[int], *, who: str | None = None, reason: str = "") -> int:
        """Set quarantined rows of a load aside for good; see :func:`tilth.warehouse.loading.dismissing.dismiss`."""
        from tilth.warehouse.loading import dismissing

        return dismissing.dismiss(self, load, rows, who, reason)

    def put_back(self, load: str, rows: Iterable[int], *, who: str | None = None) -> int:
        """Let dismissed rows of a load wait again; return how many were dismissed."""
        from tilth.warehouse.loading import dismissing

        return dismissing.put_back(self, load, rows, who)

    def quarantine_counts(self) -> pd.DataFrame:
        """Return one row a load that put rows aside: load, table, source, waiting, mended, dismissed."""
        from tilth.warehouse.loading import quarantine

        return quarantine.counts(self)

    def undo(self, load: str, *, who: str | None = None) -> Undone:
        """Take the rows of a load out of its table again; see :func:`tilth.warehouse.loading.undoing.undo`."""
        from tilth.warehouse.loading import undoing

        return undoing.undo(self, load, who)

    # --- upkeep

    def compact(self, *, progress: Callable[[Progress], object] | None = None) -> pd.DataFrame:
        """Merge the small files of every month, rows in the order of their ``seq``; return one row a table: table, before, after (files)."""
        from tilth.warehouse import upkeep

        return upkeep.compact(self, progress)

    def vacuum(self, retain: str = "7d") -> int:
        """Delete files that no version of the last `retain` (at least ``"1h"``) needs; return how many.

        Files of loads that run are left alone, however long they take. Versions older than `retain` can no longer be read afterwards.
        """
        from tilth.warehouse import upkeep

        return upkeep.vacuum(self, retain)


def read_settings(root: Path) -> dict[str, Any]:
    """Return what ``workspace.toml`` says, checked; WorkspaceError when it cannot be used."""
    try:
        settings = tomllib.loads((root / FILE).read_text("utf-8"))
    except FileNotFoundError:
        raise WorkspaceError(root, _("This is no workspace. Make one with 'tilth init'.")) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise WorkspaceError(root, _("{file} is damaged: {fault}").format(file=FILE, fault=fault)) from fault
    for name in ("version", "tz", "currency", "week_start"):
        if name not in settings:
            raise WorkspaceError(root, _("{file} does not say {name}.").format(file=FILE, name=name))
    _check(root, settings)
    return settings


def write_settings(root: Path, settings: dict[str, Any]) -> None:
    """Write ``workspace.toml`` aside and put it in place in one step."""
    lines = [f"{name} = {json.dumps(value)}" for name, value in settings.items()]
    aside = root / f"{FILE}.{os.getpid()}"
    aside.write_text("# The settings of a Tilth workspace.\n" + "\n".join(lines) + "\n", "utf-8")
    aside.replace(root / FILE)


def _check(root: Path, settings: dict[str, Any]) -> None:
    try:
        ZoneInfo(settings["tz"])
    except (ValueError, OSError, LookupError, TypeError):
        raise WorkspaceError(root, _("There is no time zone {tz}; write it like Asia/Shanghai.").format(tz=repr(settings["tz"]))) from None
    if settings["week_start"] not in WEEK_STARTS:
        raise WorkspaceError(root, str(UnknownName(_("day that weeks start on"), settings["week_start"], WEEK_STARTS)))
    _check_engine(root, settings.get("engine", "local"))
    currency = settings["currency"]
    if not (isinstance(currency, str) and len(currency) == 3 and currency.isascii() and currency.isalpha()):
        raise WorkspaceError(root, _("{currency} is no currency code; write three letters, like CNY.").format(currency=repr(currency)))
    if not isinstance(settings["version"], int):
        raise WorkspaceError(root, _("{file} is damaged: {fault}").format(file=FILE, fault=f"version = {settings['version']!r}"))


def _check_engine(root: Path, engine: object) -> None:
    if engine not in ENGINES:
        raise WorkspaceError(root, str(UnknownName(_("engine"), engine, ENGINES)))
