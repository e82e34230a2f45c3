"""Mappings kept for use again: those that come with Tilth for exports operators know, and those that a workspace saves.

A template is a TOML file: its name, its title in both languages, where its columns are known from, the columns by which a file is recognised,
and the mapping. A file is recognised when it has all those columns; of several templates the one that knows most of them wins.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from tilth.errors import InputError, UnknownName
from tilth.language import _, current
from tilth.warehouse import schema
from tilth.warehouse.loading.mapping import Mapping, MappingError
from tilth.warehouse.loading.names import plain
from tilth.warehouse.loading.preview import faulty
from tilth.warehouse.loading.sniff import Format

FOLDER = "templates"
_NAME = re.compile(r"[\w][\w .-]{0,79}")


class TemplateError(InputError):
    """A template's file cannot be used.

    Attributes
    ----------
    file : str
        The file.
    """

    def __init__(self, file: object, problem: str) -> None:
        self.file = str(file)
        super().__init__(f"{self.file}: {problem}")


@dataclass(frozen=True)
class Template:
    """A mapping kept for use again.

    Attributes
    ----------
    name : str
        Its name, unique among a workspace's templates.
    platform : str
        The platform that writes such exports; empty for a workspace's own.
    titles : dict of str to str
        What it is called, by language.
    source : dict of str to str
        Where the columns are known from: ``address``, ``date`` and a ``note``.
    recognise : tuple of str
        The columns that a file must have.
    mapping : Mapping
        The mapping.
    header : bool
        Whether such files name their columns; without names a file must have exactly these columns and its values must be readable.
    """

    name: str
    platform: str
    titles: dict[str, str]
    source: dict[str, str]
    recognise: tuple[str, ...]
    mapping: Mapping
    header: bool = True

    def title(self) -> str:
        """Return what it is called in the language in use."""
        return self.titles.get("zh" if current().startswith("zh") else "en", self.name)

    def fits(self, format: Format) -> bool:
        """Say whether a source is of this kind."""
        if format.header != self.header:
            return False
        if not self.header:
            return format.columns == self.recognise and not any(count * 5 > len(format.sample) for count in faulty(format, self.mapping).values())
        known = {plain(name) for name in format.columns}
        return all(plain(name) in known for name in self.recognise)

    def fitted(self, format: Format) -> Mapping:
        """Return the mapping for a source that it fits: columns under the names they have there, without those it lacks."""
        own = {plain(name): name for name in reversed(format.columns)}
        required = {column.name for column in schema.TABLES[self.mapping.table].columns if column.required}

        def here(line: dict[str, Any]) -> dict[str, Any]:
            kept = {}
            for target, one in line.items():
                names = {part: getattr(one, part) for part in ("column", "times", "plus", "clock")}
                found = {part: name if name is None or name in format.columns else own.get(plain(name)) for part, name in names.items()}
                if target in required or all(found[part] is not None for part, name in names.items() if name is not None):
                    kept[target] = replace(one, **{part: found[part] or names[part] for part in names})
            return kept

        refund = here(self.mapping.refund)
        return replace(
            self.mapping,
            fields=here(self.mapping.fields),
            refund=refund if "amount" in refund and set(refund["amount"].sources) <= set(format.columns) else {},
            key=tuple(name for name in self.mapping.key if name in format.columns),
        )


@cache
def builtin() -> tuple[Template, ...]:
    """Return the templates that come with Tilth, in the order of their names."""
    files = sorted((file for file in resources.files(__package__ or "").iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    return tuple(_read(file.name.removesuffix(".toml"), file.read_text(encoding="utf-8"), file.name) for file in files)


def saved(root: str | Path) -> tuple[Template, ...]:
    """Return the templates that the workspace at `root` saved."""
    files = sorted((Path(root) / FOLDER).glob("*.toml"))
    return tuple(_read(file.stem, file.read_text(encoding="utf-8"), file) for file in files)


def known(root: str | Path | None = None) -> tuple[Template, ...]:
    """Return all templates that a workspace can use, its own first; one of its own hides Tilth's of the same name."""
    own = saved(root) if root is not None else ()
    names = {template.name for template in own}
    return (*own, *(template for template in builtin() if template.name not in names))


def find(name: str, root: str | Path | None = None) -> Template:
    """Return a template by its name; UnknownName when there is none."""
    templates = {template.name: template for template in known(root)}
    if name not in templates:
        raise UnknownName(_("template"), name, templates)
    return templates[name]


def recognise(format: Format, among: Iterable[Template]) -> Template | None:
    """Return the template that fits a source, the one that asks for most columns when several do; None when none does."""
    fitting = [template for template in among if template.fits(format)]
    return max(fitting, key=lambda template: len(template.recognise), default=None)


def save(root: str | Path, name: str, mapping: Mapping, format: Format) -> Path:
    """Save a mapping as a template of a workspace.

    Parameters
    ----------
    root : str or Path
        The workspace's folder.
    name : str
        Letters of any script, digits, spaces, ``-``, ``_`` and ``.``; a template of this name is replaced.
    mapping : Mapping
        The mapping.
    format : Format
        The source that it was made for; sources with the columns that the mapping reads are recognised from now on.

    Returns
    -------
    Path
        The template's file.

    Raises
    ------
    TemplateError
        For a name that cannot be a file's.
    UnknownColumn
        When the mapping reads a column that the source does not have.
    """
    if not _NAME.fullmatch(name) or name.endswith((".", " ")):
        raise TemplateError(name, _("A template's name is made of letters, digits, spaces, '-', '_' and '.', and ends with none of the last."))
    mapping.check(format.columns)
    recognise = [column for column in format.columns if column in (*mapping.sources, *mapping.key)] if format.header else format.columns
    folder = Path(root) / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.toml"
    plain_data = {"title": {"zh": name, "en": name}, "header": format.header, "recognise": list(recognise), "mapping": mapping.to_dict()}
    aside = file.with_suffix(f".{os.getpid()}.tmp")
    aside.write_text(_toml(plain_data), encoding="utf-8")
    aside.replace(file)
    return file


def _read(name: str, text: str, file: object) -> Template:
    try:
        parts = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TemplateError(file, _("It is not TOML: {reason}").format(reason=error)) from None
    try:
        return Template(
            name=name,
            platform=str(parts.get("platform", "")),
            titles=dict(parts.get("title", {})),
            source=dict(parts.get("source", {})),
            recognise=tuple(parts["recognise"]),
            mapping=Mapping.from_dict(parts["mapping"]),
            header=bool(parts.get("header", True)),
        )
    except KeyError as error:
        raise TemplateError(file, _("It lacks {part}.").format(part=error)) from None
    except (MappingError, UnknownName) as error:
        raise TemplateError(file, str(error)) from error


def _toml(parts: dict[str, Any]) -> str:
    """Return plain data as TOML: values first, then tables; tables inside tables inline."""
    lines = [f"{key} = {_toml_value(value)}" for key, value in parts.items() if not isinstance(value, dict)]
    for key, value in parts.items():
        if isinstance(value, dict):
            lines += ["", f"[{key}]"] + [f"{_toml_key(inner)} = {_toml_value(one)}" for inner, one in value.items()]
    return "\n".join(lines) + "\n"


def _toml_value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_toml_key(key)} = {_toml_value(one)}" for key, one in value.items()) + " }" if value else "{}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml_value(one) for one in value) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return "true" if value is True else "false" if value is False else str(value)


def _toml_key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _toml_value(key)
