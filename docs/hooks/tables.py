"""Writes the tables of a workspace into their page when the site is built, from the one place where they are defined."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from tilth.language import _, using
from tilth.warehouse.schema import RECORDS, TABLES, VERSION, Column

MARK = "<!-- tables -->"
WORDS = {
    "zh": ("表", "记录", "列", "类型", "含义", "必填", "个人信息", "存储格式版本"),
    "en": ("Facts", "Records", "Column", "Type", "Meaning", "required", "personal", "Version of the stored format"),
}


def on_page_markdown(markdown: str, page: Any, **_given: Any) -> str:
    """Replace the mark in a page by the tables, in the page's language."""
    if MARK not in markdown:
        return markdown
    language = "en" if page.file.locale_alternate_of == "en" else "zh"
    with using(language):
        return markdown.replace(MARK, _tables(WORDS[language]))


def _tables(words: tuple[str, ...]) -> str:
    facts, records, *_rest, version = words
    parts = [f"{version}: {VERSION}", f"## {facts}"]
    parts += [_table(table.name, table.doc, table.stored, words) for table in TABLES.values()]
    parts.append(f"## {records}")
    parts += [_table(record.name, record.doc, record.columns, words) for record in RECORDS.values()]
    return "\n\n".join(parts)


def _table(name: str, doc: str, columns: tuple[Column, ...], words: tuple[str, ...]) -> str:
    _facts, _records, column, kind, meaning, required, personal, _version = words
    rows = [f"### {name}", "", f"{_(doc)}", "", f"| {column} | {kind} | {meaning} | |", "|---|---|---|---|"]
    for one in columns:
        notes = ", ".join(word for word, holds in ((required, one.required), (personal, one.personal)) if holds)
        rows.append(f"| `{one.name}` | {_type(one.type)} | {_(one.doc)} | {notes} |")
    return "\n".join(rows)


def _type(kind: pa.DataType) -> str:
    if pa.types.is_timestamp(kind):
        return "timestamp (us, UTC)"
    if pa.types.is_decimal(kind):
        return f"decimal({kind.precision}, {kind.scale})"
    return str(kind)
