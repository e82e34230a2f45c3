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

from tilth.language import N_

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
    Column("month", TEXT, N_("Month of the row's time in the workspace's time zone, as 2025-11; the partition")),
    Column("seq", COUNT, N_("Place of the row among all rows of the table, in the order they were loaded")),
)
AFTER = (
    Column("properties", TEXT, N_("All other columns of the source, as JSON text")),
    Column("load", TEXT, N_("The load that brought the row")),
    Column("row", COUNT, N_("Row number in the source, the first data row being 1")),
)

PERSON = Column("person", TEXT, N_("Whose row it is: the id that the source gives"), personal=True)
PERSON_KIND = Column("person_kind", TEXT, N_("Kind of that id: user, member, unionid, openid, phone, email, device, anonymous"))
CHANNEL = Column("channel", TEXT, N_("Channel it came through"))
CAMPAIGN = Column("campaign", TEXT, N_("Campaign it belongs to"))
PLATFORM = Column("platform", TEXT, N_("Where it happened: app, mini_program, web, store …"))
CITY = Column("city", TEXT, N_("City"))
PRODUCT = Column("product", TEXT, N_("Goods, by their code"))

_ALL = (
    Table(
        "events",
        N_("What people did"),
        (
            Column("person", TEXT, PERSON.doc, required=True, personal=True),
            PERSON_KIND,
            Column("time", TIME, N_("When it happened"), required=True),
            Column("event", TEXT, N_("What happened: the event's name"), required=True),
            CHANNEL,
            CAMPAIGN,
            PLATFORM,
            CITY,
            PRODUCT,
            Column("value", MONEY, N_("An amount or a measure that came with the event")),
        ),
    ),
    Table(
        "orders",
        N_("What was sold: one row a line, refunds as negative lines"),
        (
            PERSON,
            PERSON_KIND,
            Column("time", TIME, N_("When the order was placed or the refund made"), required=True),
            Column("order", TEXT, N_("The order's id; lines of one order share it"), required=True),
            PRODUCT,
            Column("quantity", MONEY, N_("Number of pieces; negative in a refund")),
            Column("price", MONEY, N_("Price of one piece")),
            Column("amount", MONEY, N_("What the line adds to the order; negative in a refund"), required=True),
            CHANNEL,
            CAMPAIGN,
            Column("shop", TEXT, N_("Shop that sold it")),
            Column("coupon", TEXT, N_("Coupon used")),
            Column("status", TEXT, N_("Status that the source gives: paid, refunded, cancelled …")),
        ),
    ),
    Table(
        "costs",
        N_("What was spent on being seen: one row a day, channel and campaign"),
        (
            Column("time", TIME, N_("The day, as its first instant in the workspace's time zone"), required=True),
            Column("channel", TEXT, CHANNEL.doc, required=True),
            CAMPAIGN,
            Column("placement", TEXT, N_("Placement")),
            Column("creative", TEXT, N_("Creative")),
            CITY,
            Column("impressions", COUNT, N_("Times shown")),
            Column("clicks", COUNT, N_("Times clicked")),
            Column("spend", MONEY, N_("Money spent")),
        ),
    ),
    Table(
        "people",
        N_("What is known of each person besides what they did"),
        (
            Column("person", TEXT, PERSON.doc, required=True, personal=True),
            PERSON_KIND,
            Column("time", TIME, N_("When this was recorded or the person registered"), required=True),
            Column("name", TEXT, N_("Name to show"), personal=True),
            Column("gender", TEXT, N_("Gender: female, male or empty")),
            Column("birth_year", COUNT, N_("Year of birth"), personal=True),
            Column("province", TEXT, N_("Province")),
            CITY,
            CHANNEL,
            Column("tier", TEXT, N_("Tier of loyalty membership")),
            Column("inviter", TEXT, N_("Person who invited them"), personal=True),
        ),
    ),
    Table(
        "identities",
        N_("Which ids belong to one person, since when and until when"),
        (
            Column("person", TEXT, PERSON.doc, required=True, personal=True),
            Column("time", TIME, N_("When the link began"), required=True),
            Column("until", TIME, N_("When the link ended; empty while it holds")),
            Column("kind", TEXT, PERSON_KIND.doc, required=True),
            Column("value", TEXT, N_("The id"), required=True, personal=True),
        ),
    ),
    Table(
        "memberships",
        N_("Who was in which segment, saw which experiment variant or had which score, and when"),
        (
            Column("person", TEXT, PERSON.doc, required=True, personal=True),
            Column("time", TIME, N_("When it began"), required=True),
            Column("until", TIME, N_("When it ended; empty while it holds. Of rows that share person, time, kind and name the last counts")),
            Column("kind", TEXT, N_("segment, exposure or score"), required=True),
            Column("name", TEXT, N_("The segment, experiment or score"), required=True),
            Column("value", TEXT, N_("The variant or the score")),
        ),
    ),
    Table(
        "contents",
        N_("What was published and how it did: one row a piece of content and day"),
        (
            Column("time", TIME, N_("The day or the moment of publishing"), required=True),
            Column("content", TEXT, N_("The piece of content, by its id"), required=True),
            Column("account", TEXT, N_("Account it was published on")),
            PLATFORM,
            Column("kind", TEXT, N_("post, video, livestream, article …")),
            Column("title", TEXT, N_("Title")),
            Column("impressions", COUNT, N_("Times shown")),
            Column("views", COUNT, N_("Times read or played")),
            Column("likes", COUNT, N_("Likes")),
            Column("comments", COUNT, N_("Comments")),
            Column("shares", COUNT, N_("Shares")),
        ),
    ),
)

TABLES: dict[str, Table] = {table.name: table for table in _ALL}

_LOAD = Column("load", TEXT, N_("The load"), required=True)
_TABLE = Column("table", TEXT, N_("Table it is for"), required=True)
_ROW = Column("row", COUNT, N_("Row number in the source, the first data row being 1"), required=True)

_RECORDS = (
    Record(
        "loads",
        N_("What was loaded, when, by whom and how; a load counts once its table's log names it"),
        (
            _LOAD,
            _TABLE,
            Column("source", TEXT, N_("Name of the file or of what else was read"), required=True),
            Column("digest", TEXT, N_("SHA-256 of the file; empty for what is no file")),
            Column("bytes", COUNT, N_("Size of the file")),
            Column("time", TIME, N_("When the load began"), required=True),
            Column("seconds", pa.float64(), N_("How long it took")),
            Column("who", TEXT, N_("Who loaded it")),
            Column("rows", COUNT, N_("Rows read"), required=True),
            Column("accepted", COUNT, N_("Rows that fit"), required=True),
            Column("quarantined", COUNT, N_("Rows kept aside"), required=True),
            Column("skipped", COUNT, N_("Rows that earlier loads had brought, by the mapping's key"), required=True),
            Column("mapping", TEXT, N_("The mapping, as JSON")),
            Column("columns", TEXT, N_("Columns of the source, as JSON")),
            Column("properties", TEXT, N_("Those of them that became properties, as JSON")),
        ),
    ),
    Record(
        "quarantine",
        N_("Rows that did not fit, as they were"),
        (
            _LOAD,
            _TABLE,
            _ROW,
            Column("fault", TEXT, N_("What is wrong: missing, unreadable, range, values, quote, encoding, json"), required=True),
            Column("column", TEXT, N_("Column of the table that could not be filled")),
            Column("source", TEXT, N_("Column of the source that was read for it")),
            Column("value", TEXT, N_("What stood there")),
            Column("fields", TEXT, N_("The row's values by column of the source, as JSON; empty when it could not be taken apart")),
            Column("line", TEXT, N_("The row's text when it could not be taken apart")),
        ),
    ),
    Record(
        "mends",
        N_("Which quarantined rows were mended, and by which load"),
        (_LOAD, _ROW, Column("by", TEXT, N_("The load that brought the mended row"), required=True)),
    ),
    Record(
        "dismissals",
        N_("Which quarantined rows were dismissed or put back to wait; of each row the latest turn holds"),
        (
            _LOAD,
            _ROW,
            Column("turn", COUNT, N_("Version of this record that brought it"), required=True),
            Column("dismissed", pa.bool_(), N_("Whether the row was dismissed or put back"), required=True),
            Column("time", TIME, N_("When"), required=True),
            Column("who", TEXT, N_("Who decided it")),
            Column("reason", TEXT, N_("Why")),
        ),
    ),
    Record(
        "watermarks",
        N_("How far watched database sources were loaded; of each source the latest turn holds"),
        (
            Column("source", TEXT, N_("The watched source, by its name"), required=True),
            Column("turn", COUNT, N_("Number of the stretch among those of the source"), required=True),
            Column("by", TEXT, N_("The load that brought the stretch"), required=True),
            Column("value", TEXT, N_("Highest value of the source's column in it, as JSON"), required=True),
            Column("ties", COUNT, N_("Rows that had this value"), required=True),
        ),
    ),
    Record(
        "undos",
        N_("Which loads were undone, when and by whom; an undo counts once its table's log names it"),
        (_LOAD, Column("time", TIME, N_("When"), required=True), Column("who", TEXT, N_("Who undid it"))),
    ),
)

_LIVE = (
    Record(
        "arrivals",
        N_("Which calls arrived live in the last days: what repeats are recognised by"),
        (
            Column("instance", TEXT, N_("The collector that wrote it to its log"), required=True),
            Column("place", COUNT, N_("Where it stands in that log"), required=True),
            Column("time", TIME, N_("When it arrived"), required=True),
            Column("high", COUNT, N_("First half of the digest of its message id"), required=True),
            Column("low", COUNT, N_("Second half of that digest"), required=True),
        ),
    ),
    Record(
        "calls",
        N_("Which live calls said something of who is who: those that name several ids, or take one back"),
        (
            Column("message", TEXT, N_("The call's message id"), required=True),
            Column("time", TIME, N_("When it was made"), required=True),
            Column("received", TIME, N_("When it arrived"), required=True),
            Column("kind", TEXT, N_("event, identify, alias, bind, unbind, profile, group"), required=True),
            Column("ids", TEXT, N_("Its ids, each with its kind, as JSON"), required=True, personal=True),
        ),
    ),
    Record(
        "items",
        N_("What live calls said of things rather than people: goods, by their kind and id"),
        (
            Column("message", TEXT, N_("The call's message id"), required=True),
            Column("time", TIME, N_("When it was said"), required=True),
            Column("thing", TEXT, N_("Which thing, as JSON"), required=True),
            Column("profile", TEXT, N_("What was said of it, as JSON"), required=True),
        ),
    ),
    Record(
        "contacts",
        N_("Phone numbers and e-mail addresses, sealed; everywhere else stands a keyed digest of them"),
        (
            Column("id", TEXT, N_("The id that stands for it everywhere else"), required=True, personal=True),
            Column("time", TIME, N_("When it was first told"), required=True),
            Column("sealed", TEXT, N_("What was told, encrypted"), required=True, personal=True),
        ),
    ),
)

RECORDS: dict[str, Record] = {record.name: record for record in (*_RECORDS, *_LIVE)}
