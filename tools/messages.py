"""Collect the messages of every floor and of every app of the workbench into its .po file, and compile .mo files from them.

Run by ``make messages``. With ``--check`` nothing is written: exits 1, naming them, if a message is missing, untranslated, or if a .mo is stale.
Floors speak through ``tilth.language`` and keep their words in ``src/tilth/locale``; apps speak through Django and keep them in ``<app>/locale``.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir, extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

SOURCE = Path(__file__).parent.parent / "src" / "tilth"
LOCALE = SOURCE / "locale" / "zh_Hans" / "LC_MESSAGES"
KEYWORDS: dict[str, Any] = {
    "_": None,
    "N_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
}
KEYWORDS |= {"pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3)}
OURS = re.compile(r"^from tilth\.language import .*\b(?:_|N_)(?:,|$)", re.MULTILINE)


def _language(file: Any, keywords: Any, tags: Any, options: Any) -> Iterator[Any]:
    """Return the messages of a Python file that speaks through tilth.language."""
    text = file.read()
    if OURS.search(text.decode()):
        yield from extract_python(io.BytesIO(text), keywords, tags, options)


def _django(file: Any, keywords: Any, tags: Any, options: Any) -> Iterator[Any]:
    """Return the messages of a Python file that speaks through Django."""
    text = file.read()
    if not OURS.search(text.decode()):
        yield from extract_python(io.BytesIO(text), keywords, tags, options)


def _template(file: Any, keywords: Any, tags: Any, options: Any) -> Iterator[Any]:
    """Return the messages of a Django template."""
    from django.conf import settings
    from django.utils.translation.template import templatize

    if not settings.configured:
        settings.configure()
    code = re.sub(r"(?m)^[ \t]+", "", templatize(file.read().decode()))  # Python must not take a template's indents for its own
    yield from extract_python(io.BytesIO(code.encode()), keywords, tags, {"encoding": "utf-8"})


def _floor(pattern: str) -> list[tuple[str, Any]]:
    return [(pattern, _language)]


def _app(name: str) -> list[tuple[str, Any]]:
    return [(f"workbench/{name}/**.py", _django), (f"workbench/{name}/templates/**.*", _template)]


FLOORS = {
    "ground": _floor("*.py"),
    "engine": _floor("engine/**.py"),
    "analysis": _floor("analysis/**.py"),
    "warehouse": _floor("warehouse/**.py"),
    "collector": _floor("collector/**.py"),
    "workbench": _floor("workbench/**.py"),
    "cli": _floor("cli/**.py"),
}
CATALOGUES = {name: (LOCALE / f"{name}.po", methods) for name, methods in FLOORS.items()}
CATALOGUES |= {
    app.parent.name: (app.parent / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po", _app(app.parent.name))
    for app in sorted((SOURCE / "workbench").glob("*/__init__.py"))
}


def template(methods: list[tuple[str, Any]]) -> Catalog:
    """Return the messages found in the files that `methods` names."""
    catalog = Catalog(project="Tilth", charset="utf-8", fuzzy=False)
    found = extract_from_dir(SOURCE, method_map=methods, keywords=KEYWORDS)
    for file, _line, message, comments, context in sorted(found, key=str):
        catalog.add(message, locations=[(f"src/tilth/{Path(file).as_posix()}", None)], auto_comments=comments, context=context)
    return catalog


def updated(path: Path, methods: list[tuple[str, Any]]) -> Catalog:
    """Return the Chinese catalogue at `path` with new messages added and unused ones dropped."""
    known = read_po(io.BytesIO(path.read_bytes()), locale="zh_Hans") if path.exists() else Catalog(locale="zh_Hans", project="Tilth")
    made = known.creation_date  # stays, so that a run without news changes no file
    known.update(template(methods), no_fuzzy_matching=True)
    known.creation_date = made
    known.obsolete.clear()
    known.fuzzy = False
    return known


def compiled(catalog: Catalog) -> bytes:
    """Return the .mo bytes of a catalogue."""
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def clashes() -> list[str]:
    """Return the English words that two apps say differently in Chinese: Django joins all catalogues into one, so only one of them would be heard."""
    said: dict[Any, dict[Any, list[str]]] = {}
    parts = SOURCE / "workbench" / "locale_parts" / "zh_Hans" / "LC_MESSAGES" / "django.po"
    apps = {name: po for name, (po, _methods) in CATALOGUES.items() if name not in FLOORS}
    for name, po in {**apps, "locale_parts": parts}.items():
        for message in read_po(io.BytesIO(po.read_bytes())) if po.exists() else ():
            if message.id and not message.context and message.string:
                said.setdefault(message.id, {}).setdefault(message.string, []).append(name)
    wrong = [(english, chinese) for english, chinese in said.items() if len(chinese) > 1]
    return [
        f"said differently: {english!r}: {', '.join(f'{one} ({who[0]})' for one, who in chinese.items())}: use pgettext" for english, chinese in wrong
    ]


def main() -> int:
    check = "--check" in sys.argv[1:]
    named = [a for a in sys.argv[1:] if not a.startswith("-")]
    faults: list[str] = []
    for name, (po, methods) in CATALOGUES.items():
        if named and name not in named:
            continue
        catalog = updated(po, methods)
        if not any(m.id for m in catalog):
            continue
        faults += [f"{name}: not translated: {m.id!r}" for m in catalog if m.id and not all(m.string if m.pluralizable else [m.string])]
        mo = po.with_suffix(".mo")
        if check:
            if not mo.exists() or _messages(mo.read_bytes()) != _messages(compiled(catalog)):
                faults.append(f"{name}: {mo.name} is stale: run make messages")
        else:
            po.parent.mkdir(parents=True, exist_ok=True)
            with po.open("wb") as out:
                write_po(out, catalog, width=120, omit_header=False, sort_output=True, include_previous=False)
            mo.write_bytes(compiled(catalog))
    faults += [] if named else clashes()
    print("\n".join(faults) or "messages: complete")
    return 1 if faults and check else 0


def _messages(mo: bytes) -> dict[str, str]:
    from gettext import GNUTranslations

    catalog = GNUTranslations(io.BytesIO(mo))._catalog  # type: ignore[attr-defined]
    return {k: v for k, v in catalog.items() if k}


if __name__ == "__main__":
    sys.exit(main())
