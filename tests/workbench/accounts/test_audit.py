"""The audit: every mutation, found again by who, what, way and day, and taken away safely."""

import ast
import csv
import datetime as dt
import io
from importlib import import_module
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.utils import timezone, translation

from tilth.workbench.accounts.audit import NAMES
from tilth.workbench.tenancy import scope
from tilth.workbench.tenancy.actions import ACTIONS
from tilth.workbench.tenancy.models import Entry
from tilth.workbench.tenancy.policy import POLICIES
from tilth.workbench.tenancy.words import action_words, has_words

PAGE = "/w/shop/settings/audit/"


@pytest.fixture
def lines(workspace):
    """``lines(who="…", code="…", day="2026-03-01 09:00")`` writes a line of the audit."""

    def write(who="李", code="segment.save", name="重要挽留", via="web", day="2026-03-01 09:00", **details):
        with scope.use(workspace):
            entry = Entry.objects.create(who=who, role="owner", via=via, code=code, kind=code.split(".")[0], key="7", name=name, details=details)
            at = dt.datetime.strptime(day, "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo("Asia/Shanghai"))
            Entry.objects.filter(pk=entry.pk).update(at=at)

    return write


def shown(browser, query=""):
    return [line["entry"].name for line in browser.get(PAGE + query).context["lines"]]


def test_who_may_read_it(client_as, outsider, role):
    expected = 200 if role in ("owner", "manager") else 403
    assert client_as(role).get(PAGE).status_code == expected
    assert client_as(role).get(f"{PAGE}export/").status_code == expected
    assert outsider.get(PAGE).status_code == 404


def test_filters_combine(client_as, lines):
    lines(who="李", code="segment.save", name="a")
    lines(who="李", code="segment.delete", name="b", via="api")
    lines(who="王", code="segment.save", name="c", via="api")
    browser = client_as("owner")
    assert set(shown(browser)) == {"a", "b", "c"}
    assert set(shown(browser, "?who=李")) == {"a", "b"}
    assert shown(browser, "?who=李&code=segment.save") == ["a"]
    assert shown(browser, "?via=api&code=segment.save") == ["c"]
    assert set(shown(browser, "?kind=segment")) == {"a", "b", "c"}
    assert shown(browser, "?search=B") == ["b"]
    assert shown(browser, "?search=王") == ["c"]
    assert shown(browser, "?who=nobody") == []


def test_days_are_those_of_the_workspace(client_as, lines):
    lines(name="late on the 1st", day="2026-03-01 23:59")
    lines(name="early on the 2nd", day="2026-03-02 00:00")
    browser = client_as("owner")
    assert shown(browser, "?first=2026-03-01&last=2026-03-01") == ["late on the 1st"]
    assert shown(browser, "?first=2026-03-02") == ["early on the 2nd"]
    assert len(shown(browser, "?first=2026-13-99&last=nonsense")) == 2


def test_fifty_a_page_the_newest_first(client_as, lines):
    for number in range(51):
        lines(name=f"n{number}", day=f"2026-03-01 {number // 60:02}:{number % 60:02}")
    browser = client_as("owner")
    assert shown(browser) == [f"n{n}" for n in range(50, 0, -1)]
    assert shown(browser, "?page=2") == ["n0"]


def test_the_filtered_list_is_taken_away_with_its_formulas_made_harmless(client_as, lines):
    lines(who="=HYPERLINK(1)", name="+1+cmd", rows=3)
    lines(who="王", name="other")
    answer = client_as("owner").get(f"{PAGE}export/?search=HYPERLINK")
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert len(rows) == 2
    assert "'=HYPERLINK(1)" in rows[1]
    assert "'+1+cmd" in rows[1]
    assert rows[1][0] == "2026-03-01 09:00:00+08:00"


def test_another_workspaces_lines_are_not_there(outsider, lines, client_as):
    lines(name="ours")
    assert shown(client_as("owner")) == ["ours"]
    assert [line["entry"].name for line in outsider.get("/w/rival/settings/audit/").context["lines"]] == []


def test_a_code_without_words_is_shown_as_it_is(client_as, lines):
    lines(code="stone.polish")
    assert "stone.polish" in client_as("owner").get(PAGE).content.decode()


def test_a_line_stays_when_the_account_goes(client_as, workspace, member):
    client_as("manager").post("/w/shop/settings/members/invite/", {"role": "viewer", "email": ""})
    name = str(member("manager"))
    with scope.everywhere():
        member("manager").delete()
    with scope.use(workspace):
        line = Entry.objects.get(code="member.invite")
    assert (line.user, line.who) == (None, name)


def _all_actions():
    for app in apps.get_app_configs():
        if app.name.startswith("tilth.workbench."):
            for module in ("actions", "undo"):
                try:
                    import_module(f"{app.name}.{module}")
                except ModuleNotFoundError as fault:
                    if not str(fault.name).startswith(app.name):
                        raise
    return dict(ACTIONS)


def test_every_action_has_chinese_words():
    with translation.override("zh-hans"):
        bare = {code: action_words(code) for code in _all_actions()}
    assert len(bare) > 15
    assert {code: words for code, words in bare.items() if not has_words(code) or not any("一" <= c <= "鿿" for c in words)} == {}


def test_every_right_has_chinese_words():
    with translation.override("zh-hans"):
        rights = {f"{p.kind}.{verb}": action_words(f"{p.kind}.{verb}") for p in POLICIES.values() for verb in p.verbs}
    assert {code: words for code, words in rights.items() if not has_words(code) or not any("一" <= c <= "鿿" for c in words)} == {}


def test_now_is_written_in_the_time_of_the_workspace(client_as, workspace):
    client_as("owner").post("/w/shop/settings/members/invite/", {"role": "viewer", "email": ""})
    page = client_as("owner").get(PAGE).content.decode()
    assert f"{timezone.localtime(timezone=ZoneInfo('Asia/Shanghai')):%Y-%m-%d %H:}" in page


def recorded():
    """The names of details that the source gives to ``record``."""
    root = Path(import_module("tilth.workbench").__path__[0])
    for file in root.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "record":
                yield from (keyword.arg for keyword in node.keywords if keyword.arg not in (None, "name"))


def test_every_detail_that_is_recorded_has_words():
    assert {name for name in recorded() if name not in NAMES} == set()


def test_details_are_told_in_words_not_codes(client_as, lines):
    lines(code="dictionary.edit", table="orders", hidden=True)
    lines(code="job.start", kind="data.load")
    lines(code="quarantine.mend", group="unreadable.time", mended=2)
    told = {line["entry"].code: line["details"] for line in client_as("owner").get(PAGE).context["lines"]}
    assert told["dictionary.edit"] == "数据表：订单；隐藏：是"
    assert told["job.start"] == "类型：导入文件"
    assert told["quarantine.mend"] == "原因：时间无法识别；修复的行数：2"


def test_details_are_said_in_words_and_figures_as_everywhere(client_as, lines):
    digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    lines(code="load.run", name="订单.csv", table="orders", digest=digest, people=1481, shared=False)
    lines(code="job.schedule", name="周报", kind="measure.warm", cron="0 8 * * 1")
    job, load = (line["details"] for line in client_as("owner").get(PAGE).context["lines"])
    assert "9f86d081884c…" in load
    assert "1,481" in load
    assert digest not in load
    assert "false" not in load
    assert "measure.warm" not in job
    assert "0 8 * * 1" not in job
    answer = client_as("owner").get(f"{PAGE}export/?search=订单")
    assert digest in b"".join(answer.streaming_content).decode("utf-8-sig")
