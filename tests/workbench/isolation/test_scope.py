"""The scope: every model of a workspace, on every way to its rows."""

from typing import ClassVar

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import Count, Prefetch
from django.test.utils import isolate_apps
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tilth.workbench.shell.models import MediaTag, TaggedImage, WorkspaceImage
from tilth.workbench.tenancy import scope
from tilth.workbench.tenancy.models import Entry, Scoped

MODELS = sorted((model for model in apps.get_models() if issubclass(model, Scoped)), key=lambda model: model._meta.label)
pytestmark = pytest.mark.django_db

READS = {
    "all": list,
    "get": lambda rows: rows.get(pk=1),
    "filter": lambda rows: list(rows.filter(pk=1)),
    "exclude": lambda rows: list(rows.exclude(pk=1)),
    "first": lambda rows: rows.order_by("pk").first(),
    "count": lambda rows: rows.count(),
    "exists": lambda rows: rows.exists(),
    "in_bulk": lambda rows: rows.in_bulk([1]),
    "aggregate": lambda rows: rows.aggregate(Count("pk")),
    "annotate": lambda rows: list(rows.annotate(n=Count("pk"))),
    "values": lambda rows: list(rows.values("pk")),
    "values_list": lambda rows: list(rows.values_list("pk", flat=True)),
    "iterator": lambda rows: list(rows.iterator()),
    "union": lambda rows: list(rows.order_by().values("pk").union(rows.order_by().values("pk"))),
    "or": lambda rows: list(rows.filter(pk=1) | rows.filter(pk=2)),
    "subquery": lambda rows: list(rows.filter(pk__in=rows.values("pk"))),
    "latest": lambda rows: rows.latest("pk"),
    "select_for_update": lambda rows: list(rows.select_for_update()),
    "only": lambda rows: list(rows.only("pk")),
    "raw": lambda rows: list(rows.raw(f"SELECT * FROM {rows.model._meta.db_table}")),
}
WRITES = {
    "delete": lambda rows: rows.filter(pk=1).delete(),
    "update": lambda rows: rows.update(**{name_of_a_field(rows.model): models.F(name_of_a_field(rows.model))}),
    "get_or_create": lambda rows: rows.get_or_create(pk=1),
    "update_or_create": lambda rows: rows.update_or_create(pk=1),
    "create": lambda rows: rows.create(),
    "bulk_create": lambda rows: rows.bulk_create([rows.model()]),
    "bulk_update": lambda rows: rows.bulk_update([rows.model(pk=1)], [name_of_a_field(rows.model)]),
    "save": lambda rows: rows.model().save(),
    "delete one": lambda rows: rows.model(pk=1).delete(),
    "refresh": lambda rows: rows.model(pk=1).refresh_from_db(),
}


def name_of_a_field(model):
    return next(field.name for field in model._meta.local_concrete_fields if not field.primary_key and field.name != "workspace")


def test_without_a_scope_no_way_leads_to_a_row():
    for model in MODELS:
        for name, way in (READS | WRITES).items():
            wanted = scope.NoWorkspace if name in READS else Exception  # a model that looks at its relations first fails there
            with pytest.raises(wanted), transaction.atomic():
                way(model._default_manager.all())
            with pytest.raises(wanted), transaction.atomic():
                way(model._base_manager.all())
        with scope.everywhere():
            assert not model.objects.exists(), model


def test_every_query_names_the_workspace(workspace, other_workspace):
    for model in MODELS:
        with scope.use(workspace):
            written = model.objects.all()
            named = f'"workspace_id" = {workspace.pk}'
            for rows in (written, model._base_manager.filter(pk=1), written.exclude(pk=1), written.order_by().union(model.objects.order_by())):
                assert named in str(rows.query), rows.query
        assert named in str(written.query)  # an answer that is streamed after the request keeps its workspace
        with scope.use(other_workspace), pytest.raises(ValueError, match="written in workspace"):
            list(written)
        unbound = model.objects.all()  # as a form writes its choices while the code is loaded
        with scope.use(other_workspace):
            assert f'"workspace_id" = {other_workspace.pk}' in str(unbound.query)
        with scope.everywhere():
            assert '"workspace_id" =' not in str(unbound.query)


@pytest.fixture(scope="module")
def note(django_db_setup, django_db_blocker):
    """A model with every kind of relation, and its table."""
    with isolate_apps("tilth.workbench.tenancy"):

        class Shelf(Scoped):
            name = models.CharField(max_length=20)

            class Meta(Scoped.Meta):
                abstract = False
                app_label = "tenancy"

        class Note(Scoped):
            text = models.CharField(max_length=20)
            shelf = models.ForeignKey(Shelf, models.CASCADE, null=True, related_name="notes")
            twin = models.OneToOneField("self", models.SET_NULL, null=True)
            others = models.ManyToManyField("self", symmetrical=False)

            class Meta(Scoped.Meta):
                abstract = False
                app_label = "tenancy"
                constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "text"], name="one_note_a_text")]

        with django_db_blocker.unblock(), connection.schema_editor() as editor:
            editor.create_model(Shelf)
            editor.create_model(Note)
        yield Note
        with django_db_blocker.unblock(), connection.schema_editor() as editor:  # a flush of PostgreSQL would stumble over what is left
            editor.delete_model(Note)
            editor.delete_model(Shelf)


@pytest.fixture
def shelves(note, workspace, other_workspace):
    """A shelf with a note in ours and in theirs."""
    made = []
    for where in (workspace, other_workspace):
        with scope.use(where):
            shelf = note.shelf.field.related_model.objects.create(name="A")
            note.objects.create(text="x", shelf=shelf)
            made.append(shelf)
    return made


def test_relations_stay_inside(note, shelves, workspace, other_workspace):
    ours, theirs = shelves
    with scope.use(workspace):
        assert [shelf.pk for shelf in type(ours).objects.prefetch_related("notes", Prefetch("notes", note.objects.all(), "kept"))] == [ours.pk]
        assert [found.shelf_id for found in note.objects.select_related("shelf")] == [ours.pk]
        assert ours.notes.count() == 1
        assert theirs.notes.count() == 0  # even by a row of theirs that was fetched before
        assert not note.objects.filter(shelf=theirs).exists()
        assert note.objects.filter(shelf__name="A").count() == 1
        assert type(ours).objects.aggregate(n=Count("notes"))["n"] == 1
        with pytest.raises(type(ours).DoesNotExist):
            theirs.refresh_from_db()


def test_a_row_never_points_at_a_row_of_another_workspace(note, shelves, workspace):
    ours, theirs = shelves
    strange = theirs.pk
    with scope.everywhere():
        their_note = note.objects.get(shelf=theirs)
    with scope.use(workspace):
        mine = note.objects.get()
        refused = [
            lambda: note.objects.create(text="y", shelf=theirs),
            lambda: note.objects.create(text="y", shelf_id=strange),
            lambda: note(text="y", twin=their_note).save(),
            lambda: note.objects.bulk_create([note(text="y", shelf_id=strange)]),
            lambda: note.objects.get_or_create(text="y", defaults={"shelf": theirs}),
            lambda: note.objects.update_or_create(text="x", defaults={"shelf_id": strange}),
            lambda: note.objects.update(shelf=theirs),
            lambda: note.objects.update(shelf_id=strange),
            lambda: note.objects.bulk_update([note(pk=mine.pk, text="x", shelf_id=strange)], ["shelf"]),
            lambda: note.objects.bulk_update([their_note], ["text"]),
            lambda: mine.others.add(their_note),
            lambda: mine.others.set([their_note.pk]),
            lambda: theirs.notes.create(text="y"),
            lambda: note.objects.update(workspace=theirs.workspace),
            lambda: note.objects.bulk_create([note(text="x", workspace=theirs.workspace)]),
            lambda: note.objects.bulk_create([note(pk=strange)], update_conflicts=True, unique_fields=["id"], update_fields=["text"]),
            their_note.save,
            their_note.delete,
        ]
        for attempt in refused:
            with pytest.raises(ValueError, match=r"another workspace|the workspace among"), transaction.atomic():
                attempt()
        ours.notes.add(their_note)  # a row that is not in scope is not found, and nothing is written
        mine.shelf = ours
        mine.save()
        note.objects.update(shelf=ours)
        note.objects.update(shelf=None, text=models.F("text"))
    with scope.everywhere():
        their_note.refresh_from_db()
        assert (their_note.text, their_note.shelf_id) == ("x", strange)


WORKS = st.lists(
    st.tuples(
        st.sampled_from(["create", "update", "delete", "get_or_create", "update_or_create", "bulk_create", "bulk_update", "save", "steal"]),
        st.sampled_from("abc"),
        st.booleans(),
    ),
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(WORKS)
def test_whatever_is_done_in_one_workspace_changes_nothing_in_the_other(note, workspace, other_workspace, works):
    """A plain list for each workspace says what must be there."""
    with scope.everywhere():
        note.objects.all().delete()
    kept = {workspace.pk: set(), other_workspace.pk: set()}
    for work, text, in_ours in works:
        here, there = (workspace, other_workspace) if in_ours else (other_workspace, workspace)
        mine = kept[here.pk]
        with scope.use(there):
            foreign = list(note.objects.values_list("pk", flat=True))
        with scope.use(here):
            if work in ("create", "bulk_create", "save") and text not in mine:
                {"create": lambda t=text: note.objects.create(text=t), "bulk_create": lambda t=text: note.objects.bulk_create([note(text=t)]),
                 "save": lambda t=text: note(text=t).save()}[work]()  # fmt: skip
                mine.add(text)
            elif work in ("get_or_create", "update_or_create"):
                getattr(note.objects, work)(text=text)
                mine.add(text)
            elif work == "delete":
                note.objects.filter(text=text).delete()
                mine.discard(text)
            elif work == "update":
                note.objects.filter(text=text).update(text=text)
            elif work == "bulk_update":
                note.objects.bulk_update(list(note.objects.all()), ["text"])
            elif work == "steal":
                note.objects.filter(pk__in=foreign).delete()
                assert not note.objects.filter(pk__in=foreign).exists()
                assert not note.objects.in_bulk(foreign)
            assert set(note.objects.values_list("text", flat=True)) == mine
    for where in (workspace, other_workspace):
        with scope.use(where):
            assert sorted(note.objects.values_list("text", flat=True)) == sorted(kept[where.pk])


def test_removing_a_workspace_takes_its_rows_and_no_others(workspace, other_workspace, picture):
    for where in (workspace, other_workspace):
        picture(where)
        with scope.use(where):
            Entry.objects.create(code="x.y", kind="x", via="web")
    with scope.everywhere():
        workspace.delete()
        for model in (Entry, WorkspaceImage, MediaTag, TaggedImage):
            assert {row.workspace_id for row in model.objects.all()} == {other_workspace.pk}, model
