"""A load in the making: how its file is written, what its columns are taken for, and whether they can be read so.

What was found out about the file, its rows among it, lies beside the file and goes with it; the database keeps only what people decided.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, TypeVar

from django.utils import translation
from django.utils.translation import gettext as _

from tilth.errors import InputError, TilthError
from tilth.language import using
from tilth.warehouse.loading import propose, templates
from tilth.warehouse.loading.mapping import Mapping
from tilth.warehouse.loading.sniff import Format, sniff
from tilth.workbench.data import words
from tilth.workbench.data.incoming import trial
from tilth.workbench.data.models import Draft
from tilth.workbench.shell.middleware import CODES as LANGUAGES

SAID = ("encoding", "delimiter", "quote", "header", "skip", "sheet")
"""What people may say about a file."""
T = TypeVar("T")


def called(draft: Draft, ask: Callable[[], T]) -> T:
    """Return what `ask` gives; its errors speak of the file by the name that people know."""
    try:
        return ask()
    except TilthError as fault:
        path = draft.upload.path
        told = str(fault).replace(str(path), draft.upload.name).replace(path.name, draft.upload.name)
        raise InputError(told) from fault


def form_of(draft: Draft) -> Format:
    """Return how the file is written: what people said, and the rest found out; InputError when it cannot be read so."""
    file = draft.upload.path.with_name(f"{draft.upload.key}.format.json")
    if file.exists():
        kept = json.loads(file.read_text("utf-8"))
        if kept["said"] == draft.format:
            found = kept["found"]
            return Format(**{**found, "columns": tuple(found["columns"]), "sample": tuple(tuple(row) for row in found["sample"])})
    form = called(draft, lambda: sniff(draft.upload.path, **draft.format))
    file.touch(mode=0o600)
    file.write_text(json.dumps({"said": draft.format, "found": asdict(form)}, ensure_ascii=False), "utf-8")
    file.with_name(f"{draft.upload.key}.head").unlink(missing_ok=True)
    return form


def known(draft: Draft) -> Format:
    """Return how the file is written; what its columns mean is proposed when nobody has looked at it yet."""
    form = form_of(draft)
    if not draft.table:
        propose_for(draft, form)
    return form


def head_of(draft: Draft, form: Format) -> trial.Head:
    """Return the first rows of the file."""
    file = draft.upload.path.with_name(f"{draft.upload.key}.head")
    if not file.exists():
        trial.keep(file, called(draft, lambda: trial.head(draft.upload.path, form)))
    return trial.kept(file)


def say(draft: Draft, **said: Any) -> Format:
    """Take what people say about how the file is written (empty: to be found out); what its columns mean is then found out again.

    Raises
    ------
    InputError
        When the file cannot be read so; the draft stays as it was.
    """
    before = draft.format
    draft.format = {name: value for name, value in said.items() if name in SAID and value not in (None, "")}
    try:
        form = form_of(draft)
    except InputError:
        draft.format = before
        raise
    propose_for(draft, form, draft.table or None)
    return form


def propose_for(draft: Draft, form: Format, table: str | None = None, template: str | None = None) -> None:
    """Fill in what the columns mean: by a template, for a table, or by what fits best. Where nothing fits, it is left empty with the reason.

    What is said about it is kept in every language: who looks at the draft may read another than who made it.
    """
    notes = {}
    for code, name in LANGUAGES.items():
        with translation.override(code), using(name):
            mapping, found, notes[name] = _proposed(draft, form, table, template)
    draft.table, draft.template = found
    draft.mapping = mapping.to_dict() if mapping else {"table": draft.table, "fields": {}}
    draft.notes = notes


def _proposed(draft: Draft, form: Format, table: str | None, template: str | None) -> tuple[Mapping | None, tuple[str, str], list[str]]:
    """Return a mapping, the table and template it is for, and what is said about it in the language in use."""
    root = draft.workspace.folder
    try:
        if template:
            found = templates.find(template, root)
            return found.fitted(form), (found.mapping.table, template), [_("Filled in from the template “{name}”.").format(name=found.title())]
        known = templates.known(root) if template is None else ()  # an empty text: none of them
        proposal = propose.propose(form, table, known, words.called)
    except propose.NoMappingError as fault:
        return None, (table or fault.table, ""), [str(fault)]
    return proposal.mapping, (proposal.mapping.table, proposal.template or ""), list(proposal.reasons)


def mapping_of(draft: Draft, form: Format) -> Mapping:
    """Return what the columns mean as the loader takes it; InputError naming what is still missing or wrong."""
    mapping = Mapping.from_dict(draft.mapping)
    mapping.check(form.columns)
    return mapping


def repeated(draft: Draft) -> Any:
    """Return the record of the load that brought this very file to the table before, or None."""
    return draft.workspace.facts.history.of_digest(draft.upload.digest, draft.table) if draft.table else None
