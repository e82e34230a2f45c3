"""A mapping proposed from the names and the values of a source's columns, with the reasons for it.

>>> from tilth.language import using
>>> format = Format("csv", ("user", "ts", "action"), (("u1", "1511544070", "click"), ("u2", "1511544079", "buy")))
>>> with using("en"):
...     proposal = propose(format)
>>> proposal.mapping.table, proposal.mapping.fields["time"].kind
('events', 'unix_s')
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from tilth.errors import InputError, UnknownName
from tilth.language import _, paragraph
from tilth.warehouse import schema
from tilth.warehouse.loading import draft as draft_
from tilth.warehouse.loading import templates as templates_
from tilth.warehouse.loading.evidence import gather
from tilth.warehouse.loading.mapping import Mapping
from tilth.warehouse.loading.preview import faulty, preview
from tilth.warehouse.loading.sniff import Format
from tilth.warehouse.loading.together import complete

__all__ = ["NoMappingError", "Proposal", "preview", "propose"]


class NoMappingError(InputError):
    """No table can be filled from a source as far as can be told.

    Attributes
    ----------
    columns : tuple of str
        The source's columns.
    table : str
        The table that comes nearest.
    missing : tuple of str
        The columns it requires and that nothing was found for.
    """

    def __init__(self, columns: Sequence[str], table: str, missing: Sequence[str], called: Callable[[str], str] = str) -> None:
        self.columns = tuple(columns)
        self.table = table
        self.missing = tuple(missing)
        wrong = _("It cannot be told what these rows are. The nearest table is {table}, but nothing was found for '{missing}'.")
        mend = _("The source has the columns '{columns}'. Give a mapping that says which of them, or which constant, is meant.")
        between = _("', '")
        told = wrong.format(table=called(table), missing=between.join(map(called, missing)))
        super().__init__(paragraph(told, mend.format(columns=between.join(self.columns[:40]))))


@dataclass(frozen=True)
class Proposal:
    """A proposed mapping.

    Attributes
    ----------
    mapping : Mapping
        The mapping.
    template : str or None
        The template that it comes from.
    reasons : tuple of str
        What was assumed and why, in the reader's language.
    confidence : float
        From 0 to 1; below 0.6 a person should look at it.
    """

    mapping: Mapping
    template: str | None
    reasons: tuple[str, ...]
    confidence: float


def propose(
    format: Format, table: str | None = None, templates: Iterable[templates_.Template] | None = None, called: Callable[[str], str] = str
) -> Proposal:
    """Propose how to load a source.

    Parameters
    ----------
    format : Format
        What :func:`tilth.warehouse.loading.sniff.sniff` found.
    table : str, optional
        The table to fill; None: the one that fits best.
    templates : iterable of Template, optional
        Templates to recognise; None: those that come with Tilth.
    called : callable
        What tables and columns of the schema are called where the reasons are read; without it they are named by their codes.

    Raises
    ------
    UnknownName
        For a table that there is none of.
    NoMappingError
        When no table's required columns can be filled.
    """
    if table is not None and table not in schema.TABLES:
        raise UnknownName(_("table"), table, schema.TABLES)
    found = templates_.recognise(format, templates_.builtin() if templates is None else templates)
    if found is not None and table in (None, found.mapping.table):
        mapping = found.fitted(format)
        reasons = [_("Recognised as {title} by its column names.").format(title=found.title())]
        return _checked(format, mapping, found.name, reasons, 1.0, called)
    evidence = gather(format)
    names = [table] if table else list(schema.TABLES)
    drafts = [complete(draft_.draft(name, format, evidence), format, evidence) for name in names]
    whole = [draft for draft in drafts if not draft.missing]
    if not whole:
        nearest = max(drafts, key=lambda draft: draft.rating)
        raise NoMappingError(format.columns, nearest.table, nearest.missing, called)
    best = max(whole, key=lambda draft: draft.rating)
    reasons = list(best.reasons)
    if table is None:
        reasons.insert(0, _("The columns fit table {table} best.").format(table=called(best.table)))
    if not format.header:
        reasons.append(_("The file names no columns: what each one holds was told from its values alone. Please check it."))
    mapping = Mapping(best.table, best.fields, refund=best.refund)
    return _checked(format, mapping, None, reasons, best.certainty, called)


def _checked(format: Format, mapping: Mapping, template: str | None, reasons: list[str], confidence: float, called: Callable[[str], str]) -> Proposal:
    """Read the sample by the mapping, as the loader will, and say what cannot be read."""
    for target, count in faulty(format, mapping).items():
        source = mapping.fields[target] if target in mapping.fields else mapping.refund[target]
        reasons.append(
            _("{count} of {rows} sampled rows have no readable {target} (column {column}).").format(
                count=count, rows=len(format.sample), target=called(target), column=" + ".join(source.sources) or "—"
            )
        )
        confidence *= 1 - 0.5 * count / max(1, len(format.sample))
    return Proposal(mapping, template, tuple(reasons), round(confidence, 3))
