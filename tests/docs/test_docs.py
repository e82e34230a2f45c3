"""The documentation holds: its examples run and print what it says, its links lead somewhere, nothing is left undocumented."""

from __future__ import annotations

import dataclasses
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import duckdb
import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient
from tests.docs.blocks import DOCS, FENCE, ROOT, blocks, language, pages, run, runs

import tilth
from tilth.analysis.behaviour.activation import ActivationOptions
from tilth.analysis.behaviour.frequency import FrequencyOptions
from tilth.analysis.behaviour.funnel import FunnelOptions
from tilth.analysis.behaviour.intervals import IntervalsOptions
from tilth.analysis.behaviour.lifecycle import LifecycleOptions
from tilth.analysis.behaviour.paths import PathsOptions
from tilth.analysis.behaviour.retention import RetentionOptions
from tilth.analysis.behaviour.sessions import SessionsOptions
from tilth.analysis.behaviour.stickiness import StickinessOptions
from tilth.analysis.behaviour.touchpoints import TouchpointsOptions
from tilth.analysis.value.rfm import RFMOptions
from tilth.engine.home import home
from tilth.language import using
from tilth.warehouse import schema
from tilth.warehouse.loading import values
from tilth.warehouse.loading.mapping import KINDS, TIME_KINDS, Field

LINK = re.compile(r"!?\[(?:[^\]]|\n)*?\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
NOTEBOOKS = sorted((DOCS / "notebooks").glob("*.ipynb"))
QUESTIONS = {
    "funnel": FunnelOptions,
    "retention": RetentionOptions,
    "lifecycle": LifecycleOptions,
    "stickiness": StickinessOptions,
    "frequency": FrequencyOptions,
    "sessions": SessionsOptions,
    "intervals": IntervalsOptions,
    "paths": PathsOptions,
    "touchpoints": TouchpointsOptions,
    "activation": ActivationOptions,
    "rfm": RFMOptions,
}


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.fixture(scope="module")
def fresh_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data folder of its own, with the compiled kernels that there are already: they take long to make and belong to no example."""
    folder = tmp_path_factory.mktemp("home")
    kernels = home() / "cache"
    if kernels.exists():
        shutil.copytree(kernels, folder / "cache", copy_function=shutil.copy2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TILTH_HOME", str(folder))
        home.cache_clear()
        yield folder
    home.cache_clear()


@pytest.mark.parametrize("page", [page for page in pages() if runs(page)], ids=name)
def test_examples_print_what_the_page_says(page: Path, tmp_path: Path, fresh_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if any(block.language == "bash" for block in blocks(page)) and shutil.which("bash") is None:
        pytest.skip("the page's commands are written for bash, which is not here")
    monkeypatch.chdir(tmp_path)
    short = "en" if language(page) == "en" else "zh"
    workspaces = {"TILTH_HOME": str(fresh_home), "TILTH_LANG": short, "TILTH_WORKSPACE": "shop", "COLUMNS": "100"}
    with using(short):
        run(page, tmp_path, workspaces)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=name)
def test_notebooks_run(notebook: Path, tmp_path: Path) -> None:
    """Each answer shows itself as HTML: the table in it is there even where no script runs."""
    read = nbformat.read(notebook, as_version=4)
    assert not any(cell.get("outputs") for cell in read.cells), "outputs are made when the notebook runs, not stored"
    NotebookClient(read, kernel_name="python3", timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = [output["data"]["text/html"] for cell in read.cells for output in cell.get("outputs", []) if "text/html" in output.get("data", {})]
    assert sum("<table" in html for html in shown) >= 4


def test_notebooks_exist() -> None:
    assert NOTEBOOKS


@pytest.mark.parametrize("page", pages(), ids=name)
def test_internal_links_lead_somewhere(page: Path) -> None:
    broken = []
    for target in LINK.findall(FENCE.sub("", page.read_text("utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _hash, anchor = unquote(target).partition("#")
        found = (page.parent / path).resolve() if path else page
        if not found.exists() or (anchor and found.suffix == ".md" and anchor not in anchors(found)):
            broken.append(target)
    assert broken == []


def anchors(page: Path) -> set[str]:
    """The names that headings get, by the rule that GitHub and our site share."""
    text = FENCE.sub("", page.read_text("utf-8"))
    return {slug(title) for title in re.findall(r"^#+ +(.+?)\s*$", text, re.M)}


def slug(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.replace("`", "").lower()).strip().replace(" ", "-")


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.en.md")), ids=name)
def test_both_languages_say_the_same(page: Path) -> None:
    """A page in both languages has the same sections and the same examples."""
    other = page.with_name(page.name.replace(".en.md", ".md"))
    assert other.exists()
    assert headings(page) == headings(other)
    assert [block.language for block in blocks(page)] == [block.language for block in blocks(other)]


def test_readmes_have_the_same_sections() -> None:
    english, chinese = ROOT / "README.md", ROOT / "README.zh-CN.md"
    assert headings(english) == headings(chinese)
    assert [block.language for block in blocks(english)] == [block.language for block in blocks(chinese)]


def headings(page: Path) -> list[int]:
    return [len(marks) for marks in re.findall(r"^(#+) ", FENCE.sub("", page.read_text("utf-8")), re.M)]


@pytest.mark.parametrize("page", ["reference/environment.md", "reference/environment.en.md"])
def test_every_environment_variable_is_documented(page: str) -> None:
    used = {word for file in (ROOT / "src").rglob("*.py") for word in re.findall(r"\bTILTH_[A-Z]+\b", file.read_text("utf-8"))}
    documented = set(re.findall(r"\bTILTH_[A-Z]+\b", (DOCS / page).read_text("utf-8")))
    assert used - documented == set()
    assert documented - used == set()


def test_every_public_name_is_in_the_reference() -> None:
    described = re.findall(r"^::: tilth\.(\S+)", (DOCS / "reference/python.md").read_text("utf-8"), re.M)
    assert set(tilth.__all__) <= {path.rpartition(".")[2] for path in described}


@pytest.mark.parametrize("suffix", [".md", ".en.md"])
@pytest.mark.parametrize("question", QUESTIONS)
def test_every_option_and_column_of_a_question_is_documented(question: str, suffix: str) -> None:
    text = (DOCS / f"reference/questions/{question}{suffix}").read_text("utf-8")
    table = " ".join(re.findall(r"^\| *(`[^|]*) *\|", text, re.M))
    words = set(re.findall(r"`(\w+)`", table + text))
    events = tilth.Events({"user_id": ["a"], "ts": [0], "event": ["x"]})
    frames = {
        "funnel": lambda: events.funnel(["x"]).frame,
        "retention": lambda: events.retention("x").frame,
        "lifecycle": lambda: events.lifecycle().frame,
        "stickiness": lambda: events.stickiness().frame,
        "frequency": lambda: events.frequency().frame,
        "sessions": lambda: pd.concat([events.sessions().frame, events.sessions().summary]),
        "intervals": lambda: pd.concat([events.intervals("x").frame, events.intervals("x").summary]),
        "paths": lambda: events.paths().frame,
        "touchpoints": lambda: events.touchpoints("event", "x").frame,
        "activation": lambda: events.activation("x").frame,
        "rfm": lambda: tilth.Orders({"user_id": ["a"], "ts": [0], "amount": [1]}).rfm().frame,
    }
    assert {field.name for field in dataclasses.fields(QUESTIONS[question])} <= words
    assert set(frames[question]().columns) <= words


@pytest.mark.parametrize("page", ["reference/formats.md", "reference/formats.en.md"])
def test_times_and_numbers_are_read_as_the_page_says(page: str) -> None:
    """Rows of the page's tables that begin with a kind of reading: how it is written, and what the loader makes of it."""
    cells = re.findall(r"^\| `(\w+)` \| `([^`]+)` \| `([^`]+)` \|$", (DOCS / page).read_text("utf-8"), re.M)
    rows = [row for row in cells if row[0] in KINDS]
    assert {"iso", "ymd", "dmy", "mdy", "chinese", "excel", "unix_s", "unix_ms", "number", "number_comma"} <= {kind for kind, *_rest in rows}
    read = {}
    for kind, written, _said in rows:
        sql = values.sql(Field("text", kind), schema.TIME if kind in TIME_KINDS else schema.MONEY, "Asia/Shanghai")
        shown = f"strftime({sql} AT TIME ZONE 'UTC', '%Y-%m-%d %H:%M:%S.%f')" if kind in TIME_KINDS else f"CAST({sql} AS VARCHAR)"
        value = duckdb.execute(f"SELECT {shown} FROM (SELECT ? AS text)", [written]).fetchall()[0][0]
        read[kind, written] = value.removesuffix(".000000") + "+00:00" if kind in TIME_KINDS else value
    assert read == {(kind, written): said for kind, written, said in rows}


def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    """What `make docs` does; it needs no network, because theme and pages load nothing from outside."""
    site = tmp_path / "site"
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(site)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONUTF8": "1"},
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for page in ("index.html", "en/index.html"):
        html = (site / page).read_text("utf-8")
        outside = re.findall(
            r"<(?:script|img|iframe)[^>]+src=\"(https?:[^\"]+)|<link[^>]+rel=\"(?:stylesheet|preconnect)\"[^>]+href=\"(https?:[^\"]+)", html
        )
        assert outside == []
