"""Answers are kept by what they hang on: the same question about the same facts is computed once."""

import json
import os
from dataclasses import replace

import pytest

from tilth.language import using
from tilth.workbench.data.models import EventEntry
from tilth.workbench.measure import answers, sources
from tilth.workbench.measure.asking.catalogue import Catalogue
from tilth.workbench.measure.asking.kinds import KINDS
from tilth.workbench.measure.asking.question import Question


@pytest.fixture(autouse=True)
def nothing_kept():
    """Each test here computes for itself."""
    for kept in (answers._answers, answers._results, *sources._held.values()):
        kept.clear()


@pytest.fixture
def computed(monkeypatch):
    """Which questions were really asked of the facts."""
    asked = []
    ask = answers._ask

    def counted(question, catalogue):
        asked.append(question.pairs(catalogue))
        return ask(question, catalogue)

    monkeypatch.setattr(answers, "_ask", counted)
    return asked


def forget():
    """What another process knows: nothing but the disk."""
    answers._answers.clear()
    answers._results.clear()


def test_same_question_and_facts_are_computed_once(asked, catalogue, computed):
    first = answers.answer(asked("funnel"), catalogue)
    count = len(computed)
    assert count
    forget()
    again = Question.read(KINDS["funnel"], [("dates", "30d"), ("order", "ordered")], Catalogue(catalogue.workspace))  # says the defaults
    assert answers.answer(again, Catalogue(catalogue.workspace)) == first
    assert len(computed) == count


def test_new_data_are_answered_anew(asked, catalogue, computed):
    before = answers.answer(asked("funnel"), catalogue)
    count = len(computed)
    day = catalogue.last_day
    path = catalogue.workspace.folder / "more.csv"
    path.write_text(f"user_id,event,ts\nsomebody-new,view_goods,{day} 23:59:00\n", "utf-8")
    catalogue.workspace.facts.load(path, table="events")
    later = Catalogue(catalogue.workspace)
    after = answers.answer(Question.read(KINDS["funnel"], [], later), later)
    assert len(computed) > count
    views = [one["figures"][0]["value"].replace(",", "") for one in (before, after)]
    assert int(views[1]) == int(views[0]) + 1


def test_other_words_are_other_answers(asked, catalogue):
    first = answers.answer(asked("funnel"), catalogue)
    keys = []
    for language in ("zh-Hans", "en"):
        with using(language):
            keys.append(answers.key(asked("funnel"), catalogue))
    assert keys[0] != keys[1]
    EventEntry.objects.create(code="view_goods", name="看货")
    renamed = Catalogue(catalogue.workspace)
    named = answers.answer(Question.read(KINDS["funnel"], [], renamed), renamed)
    assert "看货" in json.dumps(named, ensure_ascii=False)
    assert "看货" not in json.dumps(first, ensure_ascii=False)


def test_merging_events_changes_the_answer(asked, catalogue):
    question = asked("funnel", step1="pay", dates="all")
    before = len(answers.result(question, catalogue).people(1))
    kept = EventEntry.objects.create(code="pay")
    EventEntry.objects.create(code="view_home", merged_into=kept)
    after = Catalogue(catalogue.workspace)
    assert len(answers.result(Question.read(KINDS["funnel"], [("step1", "pay"), ("dates", "all")], after), after).people(1)) > before


def test_disk_is_bounded_and_the_last_used_stay(asked, catalogue, settings):
    options = settings.OPTIONS
    folder = catalogue.workspace.folder / "cache" / "answers"
    answers.answer(asked("funnel"), catalogue)
    [first] = folder.glob("*.json")
    size = first.stat().st_size
    settings.OPTIONS = replace(options, limits=replace(options.limits, cache_mb=2.5 * size / answers.MB))
    os.utime(first, (1, 1))
    for within in ("1d", "3d", "14d"):
        answers.answer(asked("funnel", within=within), catalogue)
    assert not first.exists()
    assert 1 <= len(list(folder.glob("*.json"))) <= 2


def test_a_damaged_file_is_computed_again(asked, catalogue):
    whole = answers.answer(asked("funnel"), catalogue)
    [file] = (catalogue.workspace.folder / "cache" / "answers").glob("*.json")
    file.write_text("{", "utf-8")
    forget()
    assert answers.answer(asked("funnel"), catalogue)["figures"] == whole["figures"]


def test_memory_holds_the_present_state_only(catalogue, asked):
    answers.answer(asked("funnel"), catalogue)
    workspace = catalogue.workspace
    assert sources.is_held(workspace, "events")
    path = workspace.folder / "more.csv"
    path.write_text("user_id,event,ts\nx,pay,2025-12-31 10:00:00\n", "utf-8")
    workspace.facts.load(path, table="events")
    assert not sources.is_held(workspace, "events")
    thread = sources.warm(workspace, "events")
    thread.join()
    assert sources.is_held(workspace, "events")
    assert len(sources._held["events"]._kept) == 1


def test_other_workspaces_have_other_answers(asked, catalogue, other_workspace):
    from tilth.workbench.tenancy import scope

    mine = answers.key(asked("funnel"), catalogue)
    with scope.use(other_workspace):
        theirs = Catalogue(other_workspace)
        assert answers.key(Question.read(KINDS["funnel"], [], theirs), theirs) != mine


def test_a_place_that_cannot_be_written_costs_the_keeping_and_not_the_answer(inside, client_as, caplog):
    """A folder that is a file refuses to be written to as a full disk does."""
    for name in ("answers", "dictionary"):
        place = inside.folder / "cache" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("")
    answer = client_as("viewer").get("/w/shop/analysis/funnel/", {"step1": "view_goods", "step2": "pay", "answer": "1"})
    assert answer.status_code == 200
    assert answer.context_data["answer"]["figures"]
    assert "an answer could not be kept" in caplog.text
