"""The code blocks of a page, and how they are run: in their order, in one folder, as a reader would.

A block's language says what happens to it::

    ```python          runs; with >>> its output is compared
    ```bash            runs; may end with exit code 3, by which tilth says that something wants a look
    ```text            after a bash block: what that printed, compared; … stands for anything
    ```csv title="x"   is written to the file x first
    ```sh, ```py …     are only shown

Blocks of a page share their names and their folder.
"""

from __future__ import annotations

import doctest
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.docs import terminal

ROOT = Path(__file__).parent.parent.parent
SHOWN = ("templates.md", "templates.en.md")  # pages whose examples speak of files that only a reader has
DOCS = ROOT / "docs"
FENCE = re.compile(r"^(?P<fence>```+)(?P<info>[^\n`]*)\n(?P<text>.*?)^(?P=fence)[ ]*$", re.M | re.S)
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its title if it has one, its text, and the line it begins on."""

    language: str
    title: str | None
    text: str
    line: int


def pages() -> list[Path]:
    """Return every page of the documentation."""
    outside = [ROOT / name for name in ("README.md", "README.zh-CN.md", "CONTRIBUTING.md", "CHANGELOG.md")]
    return [*outside, *sorted(DOCS.rglob("*.md"))]


def language(page: Path) -> str:
    """Return the language that a page is written in."""
    return "en" if page.name.endswith(".en.md") or page.name == "README.md" else "zh-Hans"


def blocks(page: Path) -> list[Block]:
    """Return the fenced blocks of a page in their order."""
    text = page.read_text("utf-8")
    found = []
    for match in FENCE.finditer(text):
        words = match["info"].split()
        title = re.search(r'title="([^"]+)"', match["info"])
        found.append(Block(words[0] if words else "", title[1] if title else None, match["text"], text.count("\n", 0, match.start()) + 1))
    return found


def runs(page: Path) -> bool:
    """Return whether a page has anything to run."""
    return page.name not in SHOWN and any(block.language in ("python", "bash") for block in blocks(page))


def run(page: Path, folder: Path, environment: dict[str, str], compare: Callable[[Block, str, str], None] | None = None) -> None:
    """Run the blocks of a page in `folder` and compare what they print with what the page says.

    `compare` is called with a text block, what the command before it printed, and where that is; by default they must agree.
    """
    names: dict[str, Any] = {"__name__": "__main__"}
    printed: str | None = None
    compare = compare or _agree
    for block in blocks(page):
        where = f"{page.relative_to(ROOT)}, line {block.line}"
        if block.language == "python":
            _python(block, names, where)
        elif block.language == "bash":
            printed = _bash(block, folder, environment, where, real=page.parent == ROOT)
            continue
        elif block.language == "text" and printed is not None:
            compare(block, printed, where)
        elif block.title is not None:
            (folder / block.title).write_text(block.text, "utf-8")
        printed = None


def _python(block: Block, names: dict[str, Any], where: str) -> None:
    if ">>>" not in block.text:
        exec(compile(block.text, where, "exec"), names)
        return
    test = doctest.DocTestParser().get_doctest(block.text, names, where, where, block.line)
    report: list[str] = []
    outcome = doctest.DocTestRunner(optionflags=FLAGS, verbose=False).run(test, out=report.append, clear_globs=False)
    names.update(test.globs)
    assert outcome.failed == 0, "".join(report)


def _bash(block: Block, folder: Path, environment: dict[str, str], where: str, real: bool) -> str:
    code, printed = (None if real else terminal.here(block.text, environment)) or terminal.by_bash(block.text, folder, environment)
    assert code in (0, 3), f"{where}: exit code {code}\n{block.text}\n{printed}"
    return printed


def agrees(said: str, printed: str) -> bool:
    """Return whether a page says what a command prints, word by word; … stands for anything.

    Words decide, so that neither the width of a terminal nor that of Chinese characters matters.

    Examples
    --------
    >>> agrees("9 rows in … s\\n", "9 rows  in 0.2 s"), agrees("9 rows", "90 rows")
    (True, False)
    """
    pieces = [r"\s+".join(re.escape(word) for word in piece.split()) for piece in said.split("…")]
    return re.fullmatch(r"\s*" + r"[\s\S]*?".join(rf"\s*{piece}\s*" for piece in pieces) + r"\s*", printed) is not None


def _agree(block: Block, printed: str, where: str) -> None:
    assert agrees(block.text, printed), f"{where}: the page says\n{block.text}\nand the command prints\n{printed}"
