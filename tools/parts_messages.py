"""Keep the Chinese of the installed parts complete: what Wagtail, allauth and the others leave in English, `locale_parts` says.

A message of a part counts as translated if the part's own ``zh_Hans`` catalogue holds it, not fuzzy, with the same placeholders and markup.
All others, and no more, are in our catalogue. An entry whose translator comment reads ``instead of: 旧译`` mends what a part translates wrongly; it
falls due for another look when the part changes its own.

Run after a part is upgraded: adds what is missing, untranslated, drops what the parts say themselves by now, and compiles. With ``--check``
nothing is written: exits 1, naming every fault.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

OURS = Path(__file__).parent.parent / "src" / "tilth" / "workbench" / "locale_parts" / "zh_Hans" / "LC_MESSAGES"
DOMAINS = ("django", "djangojs")
PARTS = (  # whose words people see; Django's admin and Wagtail's unused contributions are not installed
    "django.conf",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "wagtail",
    "wagtail.admin",
    "wagtail.contrib.settings",
    "wagtail.documents",
    "wagtail.embeds",
    "wagtail.images",
    "wagtail.locales",
    "wagtail.search",
    "wagtail.sites",
    "wagtail.snippets",
    "wagtail.users",
    "allauth",
    "axes",
    "django_filters",
    "django_tasks",
    "django_tasks_db",
    "taggit",
    "treebeard",
)
KEYWORDS = {"_": None, "gettext": None, "gettext_lazy": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2)}
UNSEEN = ("admin.py", "management", "migrations", "rest_framework", "tests")  # an admin.py speaks only inside Django's own admin
INSTEAD = "instead of: "
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[a-z]|\{\w*\}")
MARKUP = re.compile(r"<[^>]+>")

Key = tuple[str | None, str, bool]


def key(message: Message) -> Key:
    """Return what Django finds a message by: its context, its singular, and whether it has a plural."""
    return message.context, forms(message)[0], message.pluralizable


def forms(message: Message) -> tuple[str, ...]:
    """Return a message's singular and, if it has one, plural."""
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def wording(message: Message) -> str:
    """Return the translation; Chinese has one form for every number."""
    return message.string if isinstance(message.string, str) else (message.string or ("",))[0]


def fits(message: Message) -> bool:
    """Tell whether a translation carries the placeholders and markup of its source; of a plural, those of the form for many."""
    return carried(wording(message)) == carried(forms(message)[-1])


def carried(text: str) -> tuple[set[str], list[str]]:
    """Return the placeholders and the markup in a text."""
    return set(PLACEHOLDER.findall(text)), sorted(MARKUP.findall(text))


def read(path: Path) -> Catalog:
    """Return a Chinese catalogue; an empty one if there is no such file."""
    if not path.exists():
        return Catalog(locale="zh_Hans", project="Tilth", fuzzy=False)
    return read_po(BytesIO(path.read_bytes()), locale="zh_Hans")


def messages(catalog: Catalog) -> Iterator[Message]:
    """Give the messages of a catalogue without its header."""
    return (message for message in catalog if message.id)


def home(part: str) -> Path:
    """Return the folder of an installed part."""
    spec = find_spec(part)
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(f"{part} is not installed: run make install, or take it out of PARTS in {__file__}")
    return Path(spec.submodule_search_locations[0])


def said(part: str, domain: str) -> list[Message]:
    """Return the English messages of a part: from its own English catalogue, else from its Python files."""
    catalogue = home(part) / "locale" / "en" / "LC_MESSAGES" / f"{domain}.po"
    if catalogue.exists():
        return list(messages(read_po(BytesIO(catalogue.read_bytes()))))
    if domain != "django" or catalogue.parent.parent.exists():
        return []
    found = extract_from_dir(home(part), [("**.py", "python")], keywords=KEYWORDS)
    kept = sorted((file, line, text, context) for file, line, text, _comments, context in found if not set(UNSEEN) & set(Path(file).parts))
    return [Message(text, context=context) for _file, _line, text, context in kept]


def theirs(domain: str) -> dict[Key, set[str]]:
    """Return what the parts translate themselves; a translation that does not fit its source is none."""
    known: dict[Key, set[str]] = {}
    for part in PARTS:
        for message in messages(read(home(part) / "locale" / "zh_Hans" / "LC_MESSAGES" / f"{domain}.po")):
            if wording(message) and not message.fuzzy and fits(message):
                known.setdefault(key(message), set()).add(wording(message))
    return known


def gathered(domain: str, ours: Catalog) -> Catalog:
    """Return the catalogue as it should be: every message that the parts leave untranslated or that we mend, with our words for it."""
    catalog = Catalog(locale="zh_Hans", project="Tilth", creation_date=ours.creation_date, fuzzy=False)
    known = theirs(domain)
    for part in PARTS:
        for message in said(part, domain):
            own = ours.get(message.id, message.context)
            if key(message) in known and not (own and mended(own)):
                continue
            kept = own if own and key(own) == key(message) else Message(message.id)
            catalog.add(
                message.id,
                kept.string,
                locations=[(part, None)],
                flags=kept.flags & {"fuzzy"},
                auto_comments=message.auto_comments,
                user_comments=kept.user_comments,
                context=message.context,
            )
    return catalog


def mended(message: Message) -> str:
    """Return the part's wording that an entry stands instead of; an empty string if it is no mend."""
    remark = " ".join(message.user_comments)
    return remark.removeprefix(INSTEAD) if remark.startswith(INSTEAD) else ""


def compiled(catalog: Catalog) -> bytes:
    """Return the .mo bytes of a catalogue."""
    out = BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def faults(folder: Path = OURS) -> list[str]:
    """Return what is wrong with the catalogues in `folder`, one line a fault."""
    found: list[str] = []
    for domain in DOMAINS:
        po, mo = folder / f"{domain}.po", folder / f"{domain}.mo"
        ours, known = read(po), theirs(domain)
        due = gathered(domain, ours)
        expected = {key(message) for message in messages(due)}
        for message in messages(due):
            if not wording(message) or message.fuzzy:
                found.append(f"{po}: not translated: {forms(message)[0]!r} of {message.locations[0][0]}")
        for message in messages(ours):
            if key(message) not in expected:
                found.append(f"{po}: a part translates this itself by now, or says it no more: {forms(message)[0]!r}")
            elif wording(message) and not fits(message):
                found.append(f"{po}: placeholders or markup differ from the source: {forms(message)[0]!r}")
            if mended(message) and mended(message) not in known.get(key(message), ()):
                found.append(f"{po}: no part says {mended(message)!r} any more, look at the mend again: {forms(message)[0]!r}")
        if not mo.exists() or mo.read_bytes() != compiled(ours):
            found.append(f"{mo}: stale: run python tools/parts_messages.py")
    return found


def write(folder: Path = OURS) -> None:
    """Bring the catalogues in `folder` up to date and compile them."""
    folder.mkdir(parents=True, exist_ok=True)
    for domain in DOMAINS:
        catalog = gathered(domain, read(folder / f"{domain}.po"))
        with (folder / f"{domain}.po").open("wb") as out:
            write_po(out, catalog, width=120)
        (folder / f"{domain}.mo").write_bytes(compiled(read(folder / f"{domain}.po")))


def main() -> int:
    check = "--check" in sys.argv[1:]
    if not check:
        write()
    found = faults()
    print("\n".join(found) or "messages of the parts: complete")
    return 1 if found and check else 0


if __name__ == "__main__":
    sys.exit(main())
