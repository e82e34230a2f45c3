"""What members do with questions: keep them, share them, delete them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from tilth.errors import InputError
from tilth.workbench.measure.asking.kinds import KINDS
from tilth.workbench.measure.models import Owned, Question
from tilth.workbench.measure.policies import questions
from tilth.workbench.tenancy.actions import Actor, action, record


class Nameless(InputError):
    """Something that is kept needs a name."""

    def __init__(self) -> None:
        super().__init__(_("Give it a name, so that you find it again."))


class Overtaken(InputError):
    """What is to be changed is no longer what was looked at: somebody, or another tab, has changed it meanwhile."""

    def __init__(self, thing: Owned) -> None:
        self.thing = thing
        super().__init__(_("“{name}” has been changed meanwhile, here or by somebody else; your change is not saved.").format(name=thing.name))


def renew(thing: Owned, version: int | None = None) -> None:
    """Begin to change a thing that is kept: raise its version; Overtaken when that is no longer `version`, the one that was looked at."""
    found = type(thing)._default_manager.filter(pk=thing.pk)
    if not (found if version is None else found.filter(version=version)).update(version=F("version") + 1):
        raise Overtaken(thing)
    thing.refresh_from_db(fields=["version"])


@action(questions, "save")
def save_question(
    actor: Actor,
    *,
    thing: Question | None = None,
    kind: str,
    query: Sequence[tuple[str, str]],
    name: str,
    note: str = "",
    shared: bool = False,
    version: int | None = None,
) -> Question:
    """Keep a question under a name, in place of `thing` where that is given.

    Parameters
    ----------
    actor : Actor
    thing : Question, optional
        The one to change; a new one by default.
    kind : str
        One of KINDS.
    query : sequence of (name, value)
        Its canonical form, as ``Question.pairs`` writes it.
    name, note : str
    shared : bool
        Whether everybody in the workspace finds it.
    version : int, optional
        The one of `thing` that was looked at.

    Raises
    ------
    Overtaken
        When `thing` has another version by now.
    Nameless
        Without a name.
    Refused
        When the actor may not save, not change this one, or not share.
    """
    if not name.strip():
        raise Nameless
    if shared and not (thing and thing.shared):
        questions.require(actor, "share", thing)
    if thing is not None:
        renew(thing, version)
    kept = thing or Question(owner=actor.user)
    kept.kind, kept.query = KINDS[kind].code, [list(pair) for pair in query]
    kept.name, kept.note, kept.shared = name.strip()[:80], note.strip(), shared
    kept.save()
    record(kept, kind=kind, shared=shared, new=thing is None)
    return kept


@action(questions, "delete")
def delete_question(actor: Actor, *, thing: Question) -> None:
    """Delete a question, and with it the tiles that show it."""
    record(thing, kind=thing.kind, tiles=thing.tiles.count())
    thing.delete()


def visible(actor: Actor) -> Any:
    """Return the questions that an actor may open: their own, shared ones, and for managers all."""
    from django.db.models import Q

    from tilth.workbench.tenancy.roles import MANAGERS

    found = Question.objects.select_related("owner")
    return found if actor.role in MANAGERS else found.filter(Q(shared=True) | Q(owner=actor.user, owner__isnull=False))


def opened(thing: Question) -> None:
    """Note that a question was opened, to the hour: those are answered ahead after a load. Where nothing can be written, nothing is noted."""
    now = timezone.now()
    if thing.opened_at is None or now - thing.opened_at > timedelta(hours=1):
        with suppress(DatabaseError), transaction.atomic():
            Question.objects.filter(pk=thing.pk).update(opened_at=now)
