"""One file of settings: documented in full, and shown with where each comes from."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tilth.workbench.config import options

ROOT = Path(__file__).parents[3]


def test_the_reference_is_what_the_options_say():
    ran = subprocess.run([sys.executable, ROOT / "tools" / "settings_reference.py", "--check"], capture_output=True, text=True, encoding="utf-8")
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize("page", ["settings.md", "settings.en.md"])
def test_every_option_is_in_the_reference_in_its_section(page):
    text = (ROOT / "docs" / "reference" / page).read_text("utf-8")
    told, section = set(), ""
    for line in text.splitlines():
        if head := re.match(r"## `\[(\w+)\]`", line):
            section = head[1]
        if row := re.match(r"\| `(\w+)` \|", line):
            told.add((section, row[1]))
    assert told == {(section, one.name) for section, one in options.each()}


def test_each_setting_says_where_it_comes_from(tmp_path):
    file = tmp_path / "tilth.toml"
    file.write_text('language = "en"\n[server]\nport = 9000\n')
    environment = {"TILTH_SERVER_HOST": "0.0.0.0", "TILTH_DATABASE_URL": "postgresql://tilth:open-sesame@db/tilth"}
    found = {one.name: one for one in options.effective(file, environment)}
    assert (found["server.port"].shown, found["server.port"].origin) == ("9000", "file")
    assert (found["language"].shown, found["language"].origin) == ('"en"', "file")
    assert (found["server.host"].shown, found["server.host"].origin) == ('"0.0.0.0"', "TILTH_SERVER_HOST")
    assert found["log.level"].origin == "default"
    assert "open-sesame" not in str(found)
