"""The web script that is served is what its modules say, to the byte, and small."""

import gzip
from pathlib import Path

import tilth.collector

WEB = Path(tilth.collector.__file__).parent / "web"


def test_it_is_built_from_its_modules():
    from tools import build_sdk

    assert build_sdk.BUILT.read_bytes() == build_sdk.built(), "python tools/build_sdk.py"
    assert set(build_sdk.in_order()) == {file.name for file in WEB.glob("*.js")}, "a module that nobody imports is served to nobody"


def test_it_is_smaller_than_8_kilobytes():
    assert len(gzip.compress((WEB / "built" / "tilth.js").read_bytes(), 9)) < 8_000


def test_it_makes_no_code_of_text():
    script = (WEB / "built" / "tilth.js").read_text(encoding="utf-8")
    assert not [word for word in ("eval(", "Function(", "innerHTML", "document.write", "createElement") if word in script]


def test_the_collector_finds_where_to_write_what_a_workspace_demands():
    assert (WEB / "built" / "tilth.js").read_bytes().count(b'"@consent"') == 1
