"""Which questions are answered ahead, so that whoever opens a dashboard in the morning does not wait: what a load has changed is computed after it.

These are the tiles of dashboards and home pages, and the saved questions that somebody has opened in the last days.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.utils import timezone, translation

from tilth.language import using
from tilth.workbench.measure import answers, sources
from tilth.workbench.measure.asking.catalogue import Catalogue
from tilth.workbench.measure.asking.kinds import KINDS
from tilth.workbench.measure.asking.question import Question
from tilth.workbench.measure.dashboards import standard
from tilth.workbench.measure.dashboards.asked import Common, question_of
from tilth.workbench.measure.models import Dashboard, Tile
from tilth.workbench.measure.models import Question as Saved
from tilth.workbench.tenancy.models import Membership, Workspace
from tilth.workbench.tenancy.roles import Role

RECENT = timedelta(days=7)
"""How long ago a saved question may have been opened last."""


def languages(workspace: Workspace) -> list[str]:
    """Return the languages in which the members of a workspace read: answers are kept in each."""
    members = Membership.objects.filter(workspace=workspace, user__is_active=True).select_related("user__wagtail_userprofile")
    profiles = (getattr(one.user, "wagtail_userprofile", None) for one in members)
    return sorted({(profile.preferred_language if profile else "") or settings.LANGUAGE_CODE for profile in profiles})


@contextmanager
def reading(language: str) -> Iterator[None]:
    """Word answers as pages do for those who read `language`."""
    with using("en" if language == "en" else "zh-Hans"), translation.override(language):
        yield


def due(catalogue: Catalogue) -> list[Question]:
    """Return the questions that can be asked and whose answers are not kept, each once."""
    found: dict[str, Question] = {}
    for question in _watched(catalogue):
        if question is not None and not question.faults and catalogue.rows_of(question.kind.source):
            found.setdefault(answers.key(question, catalogue), question)
    return [question for question in found.values() if answers.kept(question, catalogue) is None]


def state(workspace: Workspace) -> tuple[str, ...]:
    """Return what names the facts that answers hang on."""
    return tuple(sources.state(workspace, source) for source in ("events", "orders"))


def _watched(catalogue: Catalogue) -> Iterator[Question | None]:
    replaced = set(Dashboard.objects.exclude(role="").values_list("role", flat=True))
    common: dict[int, Common] = {0: Common.read([], catalogue)}
    for role in sorted(set(Membership.objects.filter(workspace=catalogue.workspace).values_list("role", flat=True)) - replaced):
        for one, _place in standard.tiles(Role(role), catalogue):
            yield question_of(one.kind, one.pairs, common[0], catalogue)
    for tile in Tile.objects.exclude(question=None).select_related("dashboard", "question").order_by("dashboard", "y", "x"):
        board = tile.dashboard
        common.setdefault(board.pk, Common.read([(name, value) for name, value in board.filters], catalogue))
        yield question_of(tile.question.kind, tile.question.query, common[board.pk], catalogue)
    for saved in Saved.objects.filter(opened_at__gt=timezone.now() - RECENT, kind__in=KINDS).order_by("-opened_at"):
        yield Question.read(KINDS[saved.kind], [(name, value) for name, value in saved.query], catalogue)
