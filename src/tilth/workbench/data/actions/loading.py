"""Loads: started from what was prepared, and undone. The facts are changed by jobs, which are there exactly when the action was."""

from __future__ import annotations

from django.utils.translation import gettext as _

from tilth.errors import InputError
from tilth.warehouse.loading import templates
from tilth.workbench.data.incoming import drafting
from tilth.workbench.data.models import Draft, Upload
from tilth.workbench.data.policies import loads
from tilth.workbench.jobs.actions import start
from tilth.workbench.jobs.models import Job
from tilth.workbench.tenancy.actions import Actor, action, record


@action(loads, "run")
def begin(actor: Actor, draft: Draft, *, template: str = "") -> Job:
    """Start to load what a draft describes; `template` is a name to keep its mapping by, if any.

    Raises
    ------
    InputError
        When the mapping is not finished, does not fit the file, or the load runs already.
    """
    if draft.is_running or draft.upload.state != Upload.State.COMPLETE or draft.state == Draft.State.DONE:
        raise InputError(_("This file is being loaded or was loaded already."))
    form = drafting.known(draft)
    mapping = drafting.mapping_of(draft, form)
    if template:
        templates.save(actor.workspace.folder, template, mapping, form)
        draft.template = template
    draft.job = start(actor, "data.load", title=draft.upload.name, unique=f"data.load:{draft.pk}", draft=draft.pk)
    draft.state = Draft.State.RUNNING
    draft.save()
    record(draft, table=draft.table, template=template, digest=draft.upload.digest)
    return draft.job


@action(loads, "undo")
def undo(actor: Actor, load: str) -> Job:
    """Start to take the rows of a load out again; InputError when there is no such load, or it was undone already."""
    found = next((one for one in actor.workspace.facts.loads().itertuples() if one.load == load), None)
    if found is None:
        raise InputError(_("There is no load {load}.").format(load=load))
    job = start(actor, "data.undo", title=_("Undo {source}").format(source=found.source), unique=f"data.undo:{load}", load=load)
    record(load, name=found.source, table=found.table, rows=int(found.accepted))
    return job


@action(loads, "run")
def fill_with_demo(actor: Actor) -> Job:
    """Start to put the demo brand's data into a workspace that holds none; InputError when it does."""
    if actor.workspace.facts.status()["rows"].any():
        raise InputError(_("There are data here already; the demo brand's would mix with them."))
    job = start(actor, "data.demo", title=_("Demo brand"), unique="data.demo")
    record(actor.workspace)
    return job
