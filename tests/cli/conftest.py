"""Running the terminal: in this process, where that is quick, with standard output and error apart."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tilth.cli.main import main


@dataclass
class Ran:
    """What a command line did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as the one JSON document that it has to be."""
        return json.loads(self.out)


@pytest.fixture
def tilth(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Run ``tilth`` with some arguments, in English unless they say otherwise."""

    def run(*args: object) -> Ran:
        given = [str(arg) for arg in args]
        capsys.readouterr()
        code = main([*given, "--lang", "en"] if "--lang" not in given else given, standalone_mode=False)
        printed = capsys.readouterr()
        return Ran(code, printed.out, printed.err)

    return run


@pytest.fixture
def events(tmp_path: Path) -> Path:
    """Events of four people; a and b view, put into the cart and pay; c views twice; d pays without a view."""
    file = tmp_path / "events.csv"
    file.write_text(
        "who,at,what,channel,value\n"
        "a,2025-01-01 08:00,view,douyin,\n"
        "a,2025-01-01 09:00,cart,douyin,\n"
        "a,2025-01-02 08:00,pay,douyin,120\n"
        "b,2025-01-01 10:00,view,sms,\n"
        "b,2025-01-01 10:30,cart,sms,\n"
        "b,2025-01-09 10:00,pay,sms,80\n"
        "c,2025-01-03 10:00,view,sms,\n"
        "c,2025-01-04 10:00,view,,\n"
        "d,2025-01-05 10:00,pay,sms,5\n",
        encoding="utf-8",
    )
    return file


@pytest.fixture
def file_options(events: Path) -> list[str]:
    return ["--file", str(events), "--person", "who", "--time", "at", "--event", "what"]


@pytest.fixture
def shop(tilth: Callable[..., Ran], tmp_path: Path, events: Path) -> Path:
    """A workspace with those events loaded, and two rows of another file in quarantine."""
    folder = tmp_path / "shop"
    assert tilth("-w", folder, "init").code == 0
    mapped = ["--map", "person=who", "--map", "time=at:iso", "--map", "event=what"]
    assert tilth("-w", folder, "load", events, "--table", "events", "--yes", *mapped).code == 0
    bad = tmp_path / "bad.csv"
    bad.write_text("who,at,what\ne,2025-01-06 10:00,view\n,2025-01-06 11:00,view\ne,yesterday,pay\n", encoding="utf-8")
    assert tilth("-w", folder, "load", bad, "--table", "events", "--yes", *mapped).code == 3
    return folder


@pytest.fixture(autouse=True)
def _own_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the names that tests ask with out of the memory that the shell's completion uses."""
    monkeypatch.setattr("tilth.cli.recall._file", lambda: tmp_path / "names.json")
