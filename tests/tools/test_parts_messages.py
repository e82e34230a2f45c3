"""The Chinese of the installed parts: complete, kept in step with them, and what Django shows."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tools.parts_messages import OURS, PARTS, faults, said

from tilth.workbench.config.settings import INSTALLED_APPS

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
NAMES = {"IPv4", "IPv6", "URL", "ID", "HTTP Accept", "WebAuthn", "Wagtail API v2", "Wagtail API v3"}  # the same in both languages
UNITS = {"%s KB", "%s MB", "%s GB", "%s TB", "%s PB", "AM", "PM"}  # so in Django's own Chinese


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(OURS, tmp_path / "LC_MESSAGES"))


def replace(po: Path, old: str, new: str) -> None:
    text = po.read_text(encoding="utf-8")
    assert text.count(old) == 1
    po.write_text(text.replace(old, new), encoding="utf-8")


def test_what_is_committed_is_complete() -> None:
    assert faults() == []


def test_no_installed_part_with_words_is_left_out() -> None:
    """The applications of allauth share its one catalogue; Tilth's own words have a check of their own."""
    others = [app for app in INSTALLED_APPS if not app.startswith(("tilth.", "allauth.")) and app not in PARTS]
    assert [app for app in others if said(app, "django")] == []


def test_an_entry_taken_out_is_missed(copy: Path) -> None:
    replace(copy / "djangojs.po", 'msgid "Changes have been autosaved."\nmsgstr "更改已自动保存。"\n', "")
    missing, stale = faults(copy)
    assert missing == f"{copy}/djangojs.po: not translated: 'Changes have been autosaved.' of wagtail.admin"
    assert "djangojs.mo: stale" in stale


def test_a_fuzzy_entry_is_missed(copy: Path) -> None:
    replace(copy / "djangojs.po", 'msgid "Changes have been autosaved."', '#, fuzzy\nmsgid "Changes have been autosaved."')
    assert "not translated: 'Changes have been autosaved.'" in faults(copy)[0]


@pytest.mark.parametrize(
    ("written", "wrong"),
    [
        ("被引用 %(count)s 次", "被引用 %(number)s 次"),  # another placeholder
        ("被引用 %(count)s 次", "被引用多次"),  # none
        ("自动保存<span>已暂停</span>", "自动保存<span>已暂停<span>"),  # markup left open
        ("<b>“{title}”已锁定</b>。", "<b>“{name}”已锁定</b>。"),  # in braces
    ],
)
def test_placeholders_and_markup_must_be_those_of_the_source(copy: Path, written: str, wrong: str) -> None:
    replace(copy / "django.po", written, wrong)
    assert "placeholders or markup differ from the source" in faults(copy)[0]


def test_an_entry_that_a_part_translates_itself_is_obsolete(copy: Path) -> None:
    with (copy / "django.po").open("a", encoding="utf-8") as po:
        po.write('\nmsgid "Publish"\nmsgstr "发表"\n')  # Wagtail says 发布
    assert faults(copy)[0] == f"{copy}/django.po: a part translates this itself by now, or says it no more: 'Publish'"


def test_a_mend_falls_due_when_the_part_changes_its_wording(copy: Path) -> None:
    replace(copy / "django.po", "# instead of: 注销\n", "# instead of: 登出系统\n")
    assert "no part says '登出系统' any more, look at the mend again: 'Log out'" in faults(copy)[0]


def test_a_stale_mo_is_told(copy: Path) -> None:
    (copy / "django.mo").unlink()
    assert faults(copy) == [f"{copy}/django.mo: stale: run python tools/parts_messages.py"]


def shown(*folders: Path) -> dict:
    """Ask Django itself, in a process of its own: settings can be configured once only."""
    command = [sys.executable, str(HERE / "as_django_shows.py"), *map(str, folders)]
    surroundings = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"} | {"PYTHONPATH": str(ROOT)}
    return json.loads(subprocess.run(command, capture_output=True, check=True, text=True, env=surroundings).stdout)


def test_django_shows_every_message_of_the_parts_in_chinese() -> None:
    """Only names and units read the same; without our folder hundreds do, among them these of Wagtail's editor."""
    bare, ours = shown(), shown(OURS.parent.parent)
    english = {
        word for word, chinese in ours["words"].items() if word == chinese and re.search("[A-Za-z]{2}", re.sub(r"%\(\w+\)s|<[^>]+>", "", word))
    }
    assert english <= NAMES | UNITS
    assert bare["words"]["Save changes"] == "Save changes"
    assert ours["words"]["Save changes"] == "保存更改"
    assert "Changes have been autosaved." not in bare["script"]
    assert '"Changes have been autosaved.": "\\u66f4\\u6539\\u5df2\\u81ea\\u52a8\\u4fdd\\u5b58\\u3002"' in ours["script"]
