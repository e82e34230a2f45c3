"""Run the commands of pages and write what they print into them: ``python -m tests.docs.refresh docs/tutorial/first-csv.md …``.

A block that still agrees is left as it is, with its … ; one that does not is replaced by what was printed. Look at what changed before you commit it.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path

from tests.docs.blocks import Block, agrees, language, run

from tilth.language import using

VOLATILE = re.compile(  # how long it took, when it was, the id of a load, the mark at the beginning of a file for spreadsheets
    r"(?<= in )[\d.,]+(?= s\b)|(?<=用时 )[\d.,]+(?= 秒)|\b\d{4}-\d\d-\d\dT[\d:]+\+00:00|\b\d{8}T\d{6}-[0-9a-f]{8}\b|\ufeff"
)
LONGEST = 150  # characters of a line; what is longer is cut


def refresh(page: Path) -> bool:
    """Refresh a page; return whether it was changed."""
    text = before = page.read_text("utf-8")

    def compare(block: Block, printed: str, _where: str) -> None:
        nonlocal text
        if not agrees(block.text, printed):
            text = text.replace(f"```text\n{block.text}```", f"```text\n{shown(printed, folder)}```", 1)

    short = "en" if language(page) == "en" else "zh"
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as name, using(short):
        folder = Path(name).resolve()
        os.chdir(folder)
        try:
            run(page, folder, {"TILTH_LANG": short, "TILTH_WORKSPACE": "shop", "COLUMNS": "100"}, compare)
        finally:
            os.chdir(here)
            page.write_text(text, "utf-8")
    return text != before


def shown(printed: str, folder: Path) -> str:
    """Return what was printed as a page shows it: trimmed, and with … for what is another the next time."""
    lines = [line.rstrip() for line in VOLATILE.sub("…", printed.replace(str(folder), "…")).strip("\n").splitlines()]
    return "".join(f"{line if len(line) <= LONGEST else line[:LONGEST].rsplit(' ', 1)[0].rstrip() + ' …'}\n" for line in lines)


if __name__ == "__main__":
    for given in sys.argv[1:]:
        changed = refresh(Path(given).resolve())
        print(f"{given}: {'changed' if changed else 'as it was'}")
