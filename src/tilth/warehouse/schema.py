"""The tables of a workspace: every column, its type and what it holds. The one place where the schema is written down.

Facts are rows that happened and are never changed: ``events``, ``orders``, ``costs``, ``contents``, ``memberships``. ``people`` and
``identities`` say who they happened to. Times are instants in UTC, in microseconds; amounts are decimal(18, 4) in the workspace's currency.
``month`` ("2025-11", by the workspace's time zone) is the only partition. ``seq`` grows from load to load and keeps the order of the source, which
compaction would lose. ``properties`` is JSON text; what questions use most has a column of its own.

``VERSION`` counts changes to this file that a stored table has to follow; ``upgrade.py`` holds the step to each version.

>>> [c.name for c in TABLES["costs"].columns if c.required]
['time', 'channel']
>>> TABLES["events"].arrow.field("time").type
TimestampType(timestamp[us, tz=UTC])
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa

VERSION = 1

MONEY = pa.decimal128(18, 4)
TIME = pa.timestamp("us", tz="UTC")
TEXT = pa.string()
COUNT = pa.int64()


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    name : str
        Its name in the table.
    type : pyarrow.DataType
        How it is stored.
    doc : str
        What it holds, in English; the message id of its Chinese wording.
    required : bool
        A row without it is quarantined.
    personal : bool
        It says who somebody is: no statistics of it are kept, so that erasing its rows erases it.
    """

    name: str
    type: pa.DataType
    doc: str
    required: bool = False
    personal: bool = False


@dataclass(frozen=True)
class Table:
    """A table: the columns that sources give (`columns`), and with those that loading adds, the Arrow schema it is stored in."""

    name: str
    doc: str
    columns: tuple[Column, ...]

    @cached_property
    def stored(self) -> tuple[Column, ...]:
        """Return the columns of a source together with those that loading adds, in stored order."""
        return (*BEFORE, *self.columns, *AFTER)

    @cached_property
    def arrow(self) -> pa.Schema:
        """Return the Arrow schema of the stored table."""
        return pa.schema([pa.field(c.name, c.type, nullable=not (c.required or c in BEFORE)) for c in self.stored])

    def column(self, name: str) -> Column:
        """Return a column that sources give by its name (KeyError when there is none)."""
        return {c.name: c for c in self.columns}[name]


@dataclass(frozen=True)
class Record:
    """A table that the warehouse keeps about its own work; stored as it is written here, without partitions."""

    name: str
    doc: str
    columns: tuple[Column, ...]

    @cached_property
    def arrow(self) -> pa.Schema:
        """Return the Arrow schema of the stored table."""
        return pa.schema([pa.field(c.name, c.type, nullable=not c.required) for c in self.columns])


BEFORE = (
    Column("month", TEXT, "Month of the row's time in the workspace's time zone, as 2025-11; the partition"),
    Column("seq", COUNT, "Place of the row among all rows of the table, in the order they were loaded"),
)
AFTER = (
    Column("properties", TEXT, "All other columns of the source, as JSON text"),
    Column("load", TEXT, "The load that brought the row"),
    Column("row", COUNT, "Row number in the source, the first data row being 1"),
)

PERSON = Column("person", TEXT, "Whose row it is: the id that the source gives", personal=True)
PERSON_KIND = Column("person_kind", TEXT, "Kind of that id: user, member, unionid, openid, phone, email, device, anonymous")
CHANNEL = Column("channel", TEXT, "Channel it came through")
CAMPAIGN = Column("campaign", TEXT, "Campaign it belongs to")
PLATFORM = Column("platform", TEXT, "Where it happened: app, mini_program, web, store …")
CITY = Column("city", TEXT, "City")
PRODUCT = Column("product", TEXT, "Goods, by their code")

_ALL = (
    Table(
        "events",
        "What people did",
        (
            Column("person", TEXT, PERSON.doc, required=True, personal=True),
            PERSON_KIND,
            Column("time", TIME, "When it happened", required=True),
            Column("event", TEXT, "What happened: the event's name", required=True),
            CHANNEL,
            CAMPAIGN,
            PLATFORM,
            CITY,
            PRODUCT,
            Column("value", MONEY, "An amount or a measure that came with the event"),
        ),
    ),
    Table(
        "orders",
        "What was sold: one row a line, refunds as negative lines",
        (
            PERSON,
            PERSON_KIND,
            Column("time", TIME, "When the order was placed or the refund made", required=True),
            Column("order", TEXT, "The order's id; lines of one order share it", required=True),
            PRODUCT,
            Column("quantity", MONEY, "Number of pieces; negative in a refund"),
            Column("price", MONEY, "Price of one piece"),
            Column("amount", MONEY, "What the line adds to the order; negative in a refund", required=True),
            CHANNEL,
            CAMPAIGN,
            Column("shop", TEXT, "Shop that sold it"),
            Column("coupon", TEXT, "Coupon used"),
            Column("status", TEXT, "Status that the source gives: paid, refunded, cancelled …"),
        ),
    ),
    Table(
        "costs",
        "What was spent on being seen: one row a day, channel and campaign",
        (
            Column("time", TIME, "The day, as its first instant in the workspace's time zone", required=True),
            Column("channel", TEXT, CHANNEL.doc, required=True),
            CAMPAIGN,
            Column("placement", TEXT, "Placement"),
            Column("creative", TEXT, "Creative"),
            CITY,
            Column("impressions", COUNT, "Times shown"),
            Column("clicks", COUNT, "Times clicked"),
            Column("spend", MONEY, "Money spent"),
        ),
    ),
    Table(
        "people",
        "What is known of each person besides what they did",
        (
            Column("person", TEXT, PERSON.doc, required=True, personal=True),
            PERSON_KIND,
            Column("time", TIME, "When this was recorded or the person registered", required=True),
            Column("name", TEXT, "Name to show", personal=True),
            Column("gender", TEXT, "Gender: female, male or empty"),
            Column("birth_year", COUNT, "Year of birth", personal=True),
            Column("province", TEXT, "Province"),
            CITY,
            CHANNEL,
            Column("tier", TEXT, "Tier of loyalty membership"),
            Column("inviter", TEXT, "Person who invited them", personal=True),
        ),
    ),
    Table(
        "identities",
        "Which ids belong to one person, since when and until when",
        (
            Column("person", TEXT, PERSON.doc, required=True, personal=True),
            Column("time", TIME, "When the link began", required=True),
            Column("until", TIME, "When the link ended; empty while it holds"),
            Column("kind", TEXT, PERSON_KIND.doc, required=True),
            Column("value", TEXT, "The id", required=True, personal=True),
        ),
    ),
    Table(
        "memberships",
        "Who was in which segment, saw which experiment variant or had which score, and when",
        (
            Column("person", TEXT, PERSON.doc, required=True, personal=True),
            Column("time", TIME, "When it began", required=True),
            Column("until", TIME, "When it ended; empty while it holds"),
            Column("kind", TEXT, "segment, exposure or score", required=True),
            Column("name", TEXT, "The segment, experiment or score", required=True),
            Column("value", TEXT, "The variant or the score"),
        ),
    ),
    Table(
        "contents",
        "What was published and how it did: one row a piece of content and day",
        (
            Column("time", TIME, "The day or the moment of publishing", required=True),
            Column("content", TEXT, "The piece of content, by its id", required=True),
            Column("account", TEXT, "Account it was published on"),
            PLATFORM,
            Column("kind", TEXT, "post, video, livestream, article …"),
            Column("title", TEXT, "Title"),
            Column("impressions", COUNT, "Times shown"),
            Column("views", COUNT, "Times read or played"),
            Column("likes", COUNT, "Likes"),
            Column("comments", COUNT, "Comments"),
            Column("shares", COUNT, "Shares"),
        ),
    ),
)

TABLES: dict[str, Table] = {table.name: table for table in _ALL}

_LOAD = Column("load", TEXT, "The load", required=True)
_TABLE = Column("table", TEXT, "Table it is for", required=True)
_ROW = Column("row", COUNT, "Row number in the source, the first data row being 1", required=True)

_RECORDS = (
    Record(
        "loads",
        "What was loaded, when, by whom and how; a load counts once its table's log names it",
        (
            _LOAD,
            _TABLE,
            Column("source", TEXT, "Name of the file or of what else was read", required=True),
            Column("digest", TEXT, "SHA-256 of the file; empty for what is no file"),
            Column("bytes", COUNT, "Size of the file"),
            Column("time", TIME, "When the load began", required=True),
            Column("seconds", pa.float64(), "How long it took"),
            Column("who", TEXT, "Who loaded it"),
            Column("rows", COUNT, "Rows read", required=True),
            Column("accepted", COUNT, "Rows that fit", required=True),
            Column("quarantined", COUNT, "Rows kept aside", required=True),
            Column("skipped", COUNT, "Rows that earlier loads had brought, by the mapping's key", required=True),
            Column("mapping", TEXT, "The mapping, as JSON"),
            Column("columns", TEXT, "Columns of the source, as JSON"),
            Column("properties", TEXT, "Those of them that became properties, as JSON"),
        ),
    ),
    Record(
        "quarantine",
        "Rows that did not fit, as they were",
        (
            _LOAD,
            _TABLE,
            _ROW,
            Column("fault", TEXT, "What is wrong: missing, unreadable, range, values, quote, encoding, json", required=True),
            Column("column", TEXT, "Column of the table that could not be filled"),
            Column("source", TEXT, "Column of the source that was read for it"),
            Column("value", TEXT, "What stood there"),
            Column("fields", TEXT, "The row's values by column of the source, as JSON; empty when it could not be taken apart"),
            Column("line", TEXT, "The row's text when it could not be taken apart"),
        ),
    ),
    Record(
        "mends",
        "Which quarantined rows were mended, and by which load",
        (_LOAD, _ROW, Column("by", TEXT, "The load that brought the mended row", required=True)),
    ),
)

RECORDS: dict[str, Record] = {record.name: record for record in _RECORDS}
