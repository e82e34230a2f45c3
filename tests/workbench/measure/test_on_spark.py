"""A workspace whose questions run on Spark shows the same pages, from real executors."""

import re

import pytest

from tilth.analysis.clustered import ClusterEvents
from tilth.warehouse.workspace import read_settings, write_settings
from tilth.workbench.measure import answers, sources
from tilth.workbench.tenancy.models import Workspace

PAGES = (
    "funnel/?dates=90d&step1=view_goods&step2=add_to_cart&step3=pay&within=3d&by=channel",
    "funnel/?dates=90d&step1=view_goods&step2=pay&people=new",
    "retention/?start=view_goods&back=pay&period=week",
    "activity/?dates=30d",
    "lifecycle/",
    "sessions/",
    "intervals/?a=view_goods&b=pay",
    "paths/",
)


@pytest.fixture
def moved(workspace, monkeypatch):
    """``moved(engine)`` lets the questions of the workspace run there, with nothing kept of earlier answers."""
    root = workspace.facts.root
    before = read_settings(root)

    def to(engine):
        write_settings(root, {**before, "engine": engine})
        monkeypatch.setattr(answers, "code", lambda: engine)
        for held in sources._held.values():
            held.drop(lambda key: True)
        assert isinstance(Workspace.objects.get(pk=workspace.pk).facts.events(), ClusterEvents) == (engine == "spark")

    yield to
    write_settings(root, before)


def words(response):
    assert response.status_code == 200
    assert response.content.decode().count("data-chart"), "the answer is there, and not a word that it is waited for"
    return re.sub(r"\s+", " ", re.sub(r"<script.*?</script>|<[^>]*>", " ", response.content.decode(), flags=re.S))


@pytest.mark.soak
def test_pages_say_the_same_on_spark(spark, client_as, moved):
    client = client_as("analyst")
    moved("local")
    here = [words(client.get(f"/w/shop/analysis/{page}")) for page in PAGES]
    moved("spark")
    for page, told in zip(PAGES, here, strict=True):
        assert words(client.get(f"/w/shop/analysis/{page}")) == told, page
