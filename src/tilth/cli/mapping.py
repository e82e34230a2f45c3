"""How ``tilth load`` understands a source: what was proposed, what the command line changes about it, and what it looks like."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tilth.cli import output
from tilth.cli.command import option
from tilth.cli.session import Session
from tilth.cli.source import stacked
from tilth.errors import InputError
from tilth.language import N_, _

if TYPE_CHECKING:
    from tilth.warehouse.loading.mapping import Field, Mapping
    from tilth.warehouse.loading.sniff import Format
    from tilth.warehouse.workspace import Workspace

mapping_options = stacked(
    option("--table", metavar=N_("TABLE"), help=N_("The table to fill: events, orders, costs, people, identities, memberships or contents.")),
    option("--template", metavar=N_("NAME"), help=N_("Use a saved template, or one of those that come with Tilth.")),
    option(
        "--map",
        "mapped",
        multiple=True,
        metavar=N_("COLUMN=SOURCE[:KIND]"),
        help=N_(
            "Fill a column of the table from a column of the source; the kind says how it is read: "
            "text, id, number, iso, ymd, dmy, mdy, unix_s, unix_ms …"
        ),
    ),
    option("--set", "constants", multiple=True, metavar=N_("COLUMN=VALUE"), help=N_("Fill a column of the table with the same value in every row.")),
    option(
        "--key",
        multiple=True,
        metavar=N_("SOURCE"),
        help=N_("A source column by which rows are known again in overlapping exports; several together."),
    ),
    option("--drop-rest", is_flag=True, help=N_("Leave out the source's other columns rather than keep them as properties.")),
    option("--source-tz", metavar=N_("ZONE"), help=N_("Time zone of the source's times without an offset; default the workspace's.")),
    option("--save-template", metavar=N_("NAME"), help=N_("Keep how this source was understood; files like it are then recognised.")),
    option("--encoding", metavar=N_("NAME"), help=N_("How the file's text is written, such as utf-8 or gb18030; else found out.")),
    option("--delimiter", metavar=N_("SIGN"), help=N_("What stands between values; else found out.")),
    option("--header/--no-header", default=None, help=N_("Whether the first row names the columns; else found out.")),
    option("--skip", type=int, metavar=N_("LINES"), help=N_("Lines above the header that belong to no row; else found out.")),
    option("--sheet", metavar=N_("NAME"), help=N_("The sheet of a spreadsheet; default the first.")),
)


@dataclass
class Plan:
    """What is to be loaded and how."""

    name: str
    source: str
    query: str | None
    format: Format
    mapping: Mapping
    template: str | None
    reasons: tuple[str, ...]
    reader: Any = None

    def rows(self) -> Any:
        """Return what the loader reads: the file's path or the database's rows."""
        return self.reader if self.reader is not None else Path(self.source)


def planned(workspace: Workspace, source: str, query: str | None, given: dict[str, Any]) -> Plan:
    """Return how a source is to be loaded by what it looks like and by the options of the command line."""
    from tilth.warehouse.loading import templates
    from tilth.warehouse.loading.sniff import sniff

    _known_targets(given)
    reader = None
    if "://" in source:
        from tilth.warehouse.loading import database

        if not query:
            raise InputError(_("Say what to read from the database: --query TABLE, or --query 'SELECT …'."))
        form, reader = database.read(source, query)
        name = query if query.isidentifier() else _("a query")
    else:
        told = {part: given[part] for part in ("encoding", "delimiter", "header", "skip", "sheet") if given.get(part) is not None}
        form, name = sniff(source, **told), Path(source).name
    if given.get("template"):
        found = templates.find(given["template"], workspace.root)
        plan = Plan(name, source, query, form, found.fitted(form), found.name, (), reader)
    else:
        plan = _proposed(workspace, Plan(name, source, query, form, None, None, (), reader), given)  # type: ignore[arg-type]
    plan.mapping = _settled(plan, given)
    plan.mapping.check(form.columns)
    return plan


def _proposed(workspace: Workspace, plan: Plan, given: dict[str, Any]) -> Plan:
    """Fill in the proposal. Columns that ``--map`` names go to the proposer under the table's own names, so that it finds out how to read each."""
    from tilth.warehouse.loading import templates
    from tilth.warehouse.loading.propose import NoMappingError, propose

    wanted = {column: target for target, column, _kind in map(_written, given["mapped"])}
    for column in wanted:
        if column not in plan.format.columns:
            from tilth.errors import UnknownColumn

            raise UnknownColumn(column, plan.format.columns)
    taken = set(wanted.values())
    renamed = tuple(wanted.get(column, f"{column} (source)" if column in taken else column) for column in plan.format.columns)
    back = dict(zip(renamed, plan.format.columns, strict=True))
    try:
        proposal = propose(replace(plan.format, columns=renamed), given["table"], templates.known(workspace.root))
    except NoMappingError:
        if given["table"] is None or not given["mapped"]:
            raise
        plan.mapping = _told(given)  # the values say nothing, but the command line may say all that is needed
        return plan
    plan.mapping, plan.template, plan.reasons = _renamed(proposal.mapping, back), proposal.template, proposal.reasons
    return plan


def _told(given: dict[str, Any]) -> Mapping:
    """Return the mapping that the command line alone makes; the table's required columns that it does not name are an error."""
    from tilth.warehouse import schema
    from tilth.warehouse.loading.mapping import Mapping

    columns = {column.name: column for column in schema.TABLES[given["table"]].columns}
    fields = {target: _read_as(column, kind, columns[target].type) for target, column, kind in map(_written, given["mapped"])}
    return Mapping(given["table"], {**fields, **_constants(given)})


def _read_as(column: str, kind: str | None, type: Any) -> Field:
    """Return the field of a column that nothing else is known of than what the table wants there."""
    import pyarrow as pa

    from tilth.warehouse.loading.mapping import Field

    return Field(column, kind or ("iso" if pa.types.is_timestamp(type) else "id" if pa.types.is_string(type) else "number"))


def _known_targets(given: dict[str, Any]) -> None:
    """Refuse columns that the table does not have."""
    from tilth.errors import UnknownColumn, UnknownName
    from tilth.warehouse import schema

    if given["table"] not in (None, *schema.TABLES):
        raise UnknownName(_("table"), given["table"], schema.TABLES)
    tables = [schema.TABLES[given["table"]]] if given["table"] else list(schema.TABLES.values())
    known = dict.fromkeys(column.name for table in tables for column in table.columns)
    for target in (*(target for target, _column, _kind in map(_written, given["mapped"])), *_constants(given)):
        if target not in known:
            raise UnknownColumn(target, known)


def _constants(given: dict[str, Any]) -> dict[str, Field]:
    """Return the fields that ``--set`` fills."""
    from tilth.warehouse.loading.mapping import Field

    found = {}
    for text in given["constants"]:
        target, sign, value = text.partition("=")
        if not sign:
            raise InputError(_("{text}: write --set like event=pay.").format(text=repr(text)))
        found[target] = Field(constant=value)
    return found


def _renamed(mapping: Mapping, names: dict[str, str]) -> Mapping:
    """Return the mapping with its source columns under their real names."""

    def named(one: Field) -> Field:
        parts = {part: getattr(one, part) for part in ("column", "times", "plus", "clock")}
        real: dict[str, Any] = {part: names[value] for part, value in parts.items() if value is not None}
        return replace(one, **real)

    return replace(
        mapping,
        fields={target: named(one) for target, one in mapping.fields.items()},
        refund={target: named(one) for target, one in mapping.refund.items()},
        key=tuple(names[name] for name in mapping.key),
    )


def _settled(plan: Plan, given: dict[str, Any]) -> Mapping:
    """Return the plan's mapping with what the command line says about it."""
    from tilth.warehouse.loading.mapping import Field

    changed: dict[str, Field] = {}
    for target, column, kind in map(_written, given["mapped"]):
        known = plan.mapping.fields.get(target)
        fitting = known if known is not None and known.column == column else Field(column)
        changed[target] = replace(fitting, kind=kind) if kind else fitting
    mapping = plan.mapping.with_fields(**changed, **_constants(given))
    return replace(
        mapping,
        rest="drop" if given["drop_rest"] else mapping.rest,
        key=tuple(given["key"]) or mapping.key,
        tz=given["source_tz"] or mapping.tz,
    )


def _written(text: str) -> tuple[str, str, str | None]:
    """Return target, source column and kind of ``time=ts:unix_ms``."""
    from tilth.warehouse.loading.mapping import KINDS

    target, sign, column = text.partition("=")
    if not (target and sign and column):
        raise InputError(_("{text}: write --map like time=created_at, or time=created_at:unix_ms.").format(text=repr(text)))
    head, colon, kind = column.rpartition(":")
    return (target, head, kind) if colon and kind in KINDS else (target, column, None)


def show(session: Session, plan: Plan, tz: str) -> None:
    """Print how the source is understood, and its first rows as they would be loaded."""
    from tilth.analysis.display.tables import Cell, Column, Row, Table
    from tilth.warehouse.loading.preview import preview

    form = plan.format
    output.say(
        session,
        _("{name}: {kind}, {columns} columns → table {table}").format(
            name=plan.name, kind=form.kind if form.kind != "csv" else f"csv · {form.encoding}", columns=len(form.columns), table=plan.mapping.table
        ),
    )
    for reason in plan.reasons:
        output.say(session, f"  · {reason}")
    fields = [
        Row((Cell(target), Cell(_source(one)), Cell(one.kind if one.constant is None else "")))
        for target, one in plan.mapping.fields.items()
        if one.column is not None or one.constant is not None or one.kind == "line"
    ]
    output.show(Table((Column(_("Column"), text=True), Column(_("From"), text=True), Column(_("Read as"), text=True)), tuple(fields)))
    rest = plan.mapping.rest_columns(form.columns)
    if rest:
        output.say(session, _("Kept as properties: {columns}").format(columns=", ".join(rest)))
    if plan.reader is None:
        frame = preview(plan.source, form, plan.mapping, 5, plan.mapping.tz or tz)
        frame = frame.drop(columns=["line"]) if not plan.mapping.refund else frame
        rows = [Row(tuple(Cell("" if value is None or value != value else str(value)) for value in row)) for row in frame.itertuples(index=False)]
        output.show(Table(tuple(Column(str(name), text=True) for name in frame.columns), tuple(rows)))


def _source(one: Field) -> str:
    parts = [one.column or ""]
    parts += [f"× {one.times}"] if one.times else []
    parts += [f"+ {one.plus}"] if one.plus else []
    parts += [f"{one.clock}"] if one.clock else []
    if one.constant is not None:
        parts.append(
            _("always {value}").format(value=repr(one.constant)) if one.column is None else _("else {value}").format(value=repr(one.constant))
        )
    if one.kind == "line":
        parts.append(_("an id for every row"))
    return " ".join(part for part in parts if part)
