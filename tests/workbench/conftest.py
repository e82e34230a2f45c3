"""A workspace with the demo brand's facts, another one, and a member of each role."""

import shutil

import pytest
from django.test import Client

from tilth.warehouse import index
from tilth.warehouse.demo import filling, generate
from tilth.warehouse.persons import register
from tilth.warehouse.workspace import Workspace as Facts
from tilth.workbench.accounts.models import User
from tilth.workbench.tenancy import scope
from tilth.workbench.tenancy.actions import Actor
from tilth.workbench.tenancy.models import Membership, Workspace
from tilth.workbench.tenancy.roles import Role

BACKEND = "tilth.workbench.accounts.backends.MemberBackend"


@pytest.fixture(scope="session")
def demo_facts(tmp_path_factory):
    """The folder of a small demo brand's facts (1,000 people), made once; tests work on copies."""
    facts = Facts.create(tmp_path_factory.mktemp("facts") / "demo")
    filling.fill(facts, generate(people=1000), who="tests")
    index.opened(facts)  # with the copies, so that not every test makes its own
    register.opened(facts)
    return facts.root


def _workspace(slug, name, source=None):
    made = Workspace(slug=slug, name=name)
    shutil.rmtree(made.folder, ignore_errors=True)
    if source is None:
        Facts.create(made.folder)
    else:
        shutil.copytree(source, made.folder)
    made.save()
    return made


@pytest.fixture
def workspace(db, demo_facts):
    """A workspace with the demo brand in it."""
    made = _workspace("shop", "禾间", demo_facts)
    yield made
    shutil.rmtree(made.folder, ignore_errors=True)


@pytest.fixture
def empty_workspace(db):
    """A workspace without any facts."""
    made = _workspace("bare", "空店")
    yield made
    shutil.rmtree(made.folder, ignore_errors=True)


@pytest.fixture
def other_workspace(db, demo_facts):
    """Somebody else's workspace, with the same facts."""
    made = _workspace("rival", "别家", demo_facts)
    yield made
    shutil.rmtree(made.folder, ignore_errors=True)


@pytest.fixture
def inside(workspace):
    """The workspace in scope for the whole test."""
    with scope.use(workspace):
        yield workspace


@pytest.fixture
def member(workspace):
    """``member("analyst")`` is a user with that role in the workspace, always the same one."""

    def made(role="owner", where=workspace):
        user, _ = User.objects.get_or_create(email=f"{role}@{where.slug}.example", defaults={"name": f"{where.slug} {role}"})
        Membership.objects.get_or_create(workspace=where, user=user, defaults={"role": role})
        return user

    return made


@pytest.fixture
def actor(workspace, member):
    """``actor("analyst")`` acts with that role."""
    return lambda role="owner", where=workspace: Actor.of(Membership.objects.get(user=member(role, where), workspace=where))


@pytest.fixture
def client_as(member, workspace):
    """``client_as("viewer")`` is a browser in which that member has signed in."""

    def made(role="owner", where=workspace):
        client = Client(HTTP_HOST="localhost")
        client.force_login(member(role, where), backend=BACKEND)
        return client

    return made


@pytest.fixture
def outsider(other_workspace, client_as):
    """A browser of the owner of another workspace."""
    return client_as("owner", other_workspace)


@pytest.fixture(params=list(Role), ids=str)
def role(request):
    """Each role in turn."""
    return request.param
