"""Collect the messages of every floor into its .po file, and compile .mo files from them.

Run by ``make messages``. With ``--check`` nothing is written: exits 1, naming them, if a message is missing, untranslated, or if a .mo is stale.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

SOURCE = Path(__file__).parent.parent / "src" / "tilth"
FLOORS = {"ground": "*.py", "engine": "engine/**.py", "analysis": "analysis/**.py", "warehouse": "warehouse/**.py", "cli": "cli/**.py"}
LOCALE = SOURCE / "locale" / "zh_Hans" / "LC_MESSAGES"


def template(pattern: str) -> Catalog:
    """Return the messages found in the files that match `pattern`."""
    catalog = Catalog(project="Tilth", charset="utf-8", fuzzy=False)
    found = extract_from_dir(SOURCE, method_map=[(pattern, "python")], keywords={"_": None, "N_": None})
    for file, _line, message, comments, context in sorted(found):
        catalog.add(message, locations=[(f"src/tilth/{Path(file).as_posix()}", None)], auto_comments=comments, context=context)
    return catalog


def updated(floor: str, pattern: str) -> Catalog:
    """Return the Chinese catalogue of a floor with new messages added and unused ones dropped."""
    path = LOCALE / f"{floor}.po"
    known = read_po(io.BytesIO(path.read_bytes()), locale="zh_Hans") if path.exists() else Catalog(locale="zh_Hans", project="Tilth")
    made = known.creation_date  # stays, so that a run without news changes no file
    known.update(template(pattern), no_fuzzy_matching=True)
    known.creation_date = made
    known.obsolete.clear()
    known.fuzzy = False
    return known


def compiled(catalog: Catalog) -> bytes:
    """Return the .mo bytes of a catalogue."""
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def main() -> int:
    check = "--check" in sys.argv[1:]
    named = [a for a in sys.argv[1:] if not a.startswith("-")]
    faults: list[str] = []
    LOCALE.mkdir(parents=True, exist_ok=True)
    for floor, pattern in FLOORS.items():
        if named and floor not in named:
            continue
        catalog = updated(floor, pattern)
        if not any(m.id for m in catalog):
            continue
        faults += [f"{floor}.po: not translated: {m.id!r}" for m in catalog if m.id and not m.string]
        po, mo = LOCALE / f"{floor}.po", LOCALE / f"{floor}.mo"
        if check:
            if not mo.exists() or _messages(mo.read_bytes()) != _messages(compiled(catalog)):
                faults.append(f"{floor}.mo: stale: run make messages")
        else:
            with po.open("wb") as out:
                write_po(out, catalog, width=120, omit_header=False, sort_output=True, include_previous=False)
            mo.write_bytes(compiled(catalog))
    print("\n".join(faults) or "messages: complete")
    return 1 if faults and check else 0


def _messages(mo: bytes) -> dict[str, str]:
    from gettext import GNUTranslations

    catalog = GNUTranslations(io.BytesIO(mo))._catalog  # type: ignore[attr-defined]
    return {k: v for k, v in catalog.items() if k}


if __name__ == "__main__":
    sys.exit(main())
