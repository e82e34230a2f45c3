"""Every operation stands in the reference, in both languages, and nothing that is not there."""

import re
from pathlib import Path

import pytest

from tilth.workbench.api.v1 import api

REFERENCE = Path(__file__).parents[3] / "docs" / "reference"


@pytest.mark.parametrize("page", ["api.md", "api.en.md"])
def test_every_operation_is_documented(page):
    there = {(method.upper(), re.sub(r"{.*?}", "{}", path.removeprefix("/"))) for path, found in _paths().items() for method in found}
    rows = re.findall(r"^\| ([A-Z, ]+) \| `([^`]+)` \|", (REFERENCE / page).read_text("utf-8"), re.M)
    assert {(method, re.sub(r"{.*?}", "{}", path)) for methods, path in rows for method in methods.split(", ")} == there


def _paths():
    return api.get_openapi_schema(path_prefix="/")["paths"]
