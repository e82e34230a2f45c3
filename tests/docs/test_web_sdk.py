"""The pages about the web script name what it has: options, calls, events, and the snippet to the letter."""

import re
from pathlib import Path

import pytest

import tilth.collector

WEB = Path(tilth.collector.__file__).parent / "web"
DOCS = Path(__file__).parent.parent.parent / "docs"
MODULES = {file.stem: file.read_text(encoding="utf-8") for file in WEB.glob("*.js")}


def attributes():
    options = {f"data-{name}" for name in re.findall(r"\bsaid\.(\w+)", MODULES["config"])}
    return options | set(re.findall(r"data-tilth[a-z-]*", "".join(MODULES.values())))


def events():
    source = "".join(MODULES.values())
    return set(re.findall(r'(?:observe|track)\("(\w+)"', source)) | set(re.findall(r'event: "(\w+)"', source)) | {"page_view"}


@pytest.mark.parametrize("language", ["", ".en"])
def test_every_option_call_and_event_is_described(language):
    page = (DOCS / "reference" / f"web-sdk{language}.md").read_text(encoding="utf-8")
    calls = {f"tilth.{name}(" for name in re.findall(r"^  (\w+)\(.*\) \{$", MODULES["api"], re.M)}
    assert len(calls) == 6
    assert len(events()) == 8
    assert [word for word in sorted(attributes() | calls | events()) if word not in page] == []


@pytest.mark.parametrize("language", ["", ".en"])
def test_the_snippet_is_the_one_that_is_tested(language):
    assert (WEB / "snippet.html").read_text(encoding="utf-8") in (DOCS / "how-to" / f"web-events{language}.md").read_text(encoding="utf-8")
