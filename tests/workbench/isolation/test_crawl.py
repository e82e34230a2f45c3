"""Every address there is, as everybody: nobody sees or changes what is not theirs, and nothing breaks.

The addresses come from the URL configuration and the values in them from rows of a workspace: a page that an app adds is visited from its first day.
The rules come from the design: an outsider gets 404; a member without a right gets 403; an address that is not listed is not there for anybody.
"""

import hashlib
import re
import shutil
import traceback
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.test import Client
from django.urls import get_resolver
from tests.workbench.conftest import _workspace
from tests.workbench.isolation.addresses import walk
from tests.workbench.isolation.examples import ANY, Examples

from tilth.workbench.accounts.actions.keys import create_key, offered
from tilth.workbench.shell.allowed import WAGTAIL, allowed
from tilth.workbench.tenancy import scope
from tilth.workbench.tenancy.models import Scoped
from tilth.workbench.tenancy.policy import POLICIES
from tilth.workbench.tenancy.roles import Role

pytestmark = pytest.mark.django_db

INSIDE = walk(settings.WORKSPACE_URLCONF)
OUTSIDE = walk(settings.ROOT_URLCONF)
API = "api/"
REFUSED = {403, 404, 405}

SCRIPT = re.compile(
    r"""<script(?![^>]*\b(?:src=|type="application/json"))[^>]*>.{0,60}"""
    r"""|<[a-z][^>]*\son[a-z]+=["'][^>]*>|href=["']javascript:.{0,60}""",
    re.DOTALL,
)
"""What a content policy without inline scripts stops."""

ELSEWHERE = re.compile(r"""(?:\ssrc=|<link[^>]*\shref=)["'](?:https?:)?//[^"']*""")
"""What a page would fetch from another machine: a picture of the user, a style, a check for news."""

OWN = {
    *("accounts:me", "accounts:rename", "accounts:email", "accounts:end_sessions", "accounts:display", "accounts:leave"),
    *("wagtailadmin_logout", "wagtailadmin_dismissibles", "wagtailadmin_account"),
}
"""What is a member's own, whatever their role."""

PASSING = {"sessions.Session", "tenancy.Membership", "accounts.User", "axes.AccessAttempt", "usersessions.UserSession", "wagtailusers.UserProfile"}
"""Tables that note who was here."""


@pytest.fixture
def workspace(db, demo_facts):
    """A workspace with the demo brand in it: pages of people and data have something to show."""
    yield from _made("shop", "禾间", demo_facts)


@pytest.fixture
def other_workspace(db):
    """A workspace of somebody else, without facts."""
    yield from _made("rival", "别家", None)


def _made(slug, name, facts):
    made = _workspace(slug, name, facts)
    yield made
    shutil.rmtree(made.folder, ignore_errors=True)


@pytest.fixture
def examples(workspace, other_workspace, member, picture, document):
    """Rows of the workspace, owned by its owner, and a member of each role."""
    for role in Role:
        member(role)
    return Examples(workspace, {"picture": picture, "document": document, "owner": member("owner")})


def listed(address):
    """Whether an address is one of those that members use, with the arguments that are listed for it."""
    wanted = WAGTAIL.get(address.name) or {}
    match = SimpleNamespace(
        namespaces=address.name.split(":")[:-1], view_name=address.name, kwargs={name: min(words) for name, words in wanted.items()}
    )
    return allowed(match)


MEMBERS_PAGES = list({address.route: address for address in INSIDE if listed(address)}.values())


def methods(address):
    """How an address is asked."""
    return ("get", "post", "put", "patch", "delete") if address.route.startswith(API) else ("get", "post")


def nothing(address):
    """The answers that say nothing of a row; the API looks at what it is sent before it looks for the row."""
    return (400, 404, 405, 422) if address.route.startswith(API) else (404, 405)


def reached(examples, of="shop", only=lambda address: True):
    """The listed addresses of a workspace, filled with rows of the workspace that the examples are of."""
    for address in MEMBERS_PAGES:
        if only(address) and examples.are_there(address):
            yield address, f"/w/{of}/" + address.filled(examples.values(address))


def visit(client, method, path, before=None, of=None, **headers):
    """Ask, and take back what the answer changed; return the status, the text, whether anything was changed, and the fault if there was one."""
    with transaction.atomic():
        client.raise_request_exception = False
        answer = getattr(client, method)(path, **headers)
        text = b"".join(answer.streaming_content).decode(errors="replace") if answer.streaming else answer.content.decode(errors="replace")
        raised = getattr(answer, "exc_info", None)
        fault = "".join(traceback.format_exception(*raised)[-3:]) if raised else ""
        changed = before is not None and everything(of) != before
        transaction.set_rollback(True)
    return answer.status_code, text, changed, fault


def everything(of=None):
    """A digest of every row, or of every row of a workspace, but for those that note who was here."""
    told = hashlib.sha256()
    with scope.everywhere():
        for model in apps.get_models(include_auto_created=True):
            if model._meta.label in PASSING or not model._meta.managed or model._meta.proxy or (of and not issubclass(model, Scoped)):
                continue
            rows = models.QuerySet(model).order_by("pk").values_list()
            told.update(f"{model._meta.label}{list(rows.filter(workspace=of) if of else rows)}".encode())
    return told.digest()


def rights(address):
    """The policy and the verb that a page of ours asks for."""
    return getattr(address.view, "policy", None), getattr(address.view, "verb", "view")


def browser(user=None):
    client = Client(HTTP_HOST="localhost")
    if user is not None:
        client.force_login(user, backend="tilth.workbench.accounts.backends.MemberBackend")
    return client


def test_the_walk_finds_what_there_is():
    names = {address.name for address in INSIDE}
    assert {"home", "wagtailimages:index", "wagtailimages_chooser:chosen", "accounts:members", "data:home", "people:list"} <= names
    assert len(INSIDE) > len(MEMBERS_PAGES) > 50
    assert "wagtailadmin_explore_root" in names - {address.name for address in MEMBERS_PAGES}


def test_every_parameter_has_an_example(examples):
    missing = [sentence for address in MEMBERS_PAGES if (sentence := examples.missing(address))]
    assert not missing, "\n".join(missing)


def test_what_is_not_listed_is_not_there_for_the_owner(client_as, workspace):
    client = client_as("owner")
    hidden = [address for address in INSIDE if not listed(address)]
    assert len(hidden) > 100  # Wagtail's own
    for address in hidden:
        path = "/" + address.filled({name: ANY.get(converter, "x") for name, converter in address.parameters.items()})
        if allowed(get_resolver(settings.WORKSPACE_URLCONF).resolve(path)):
            continue  # a page of ours stands before it
        for method in methods(address):
            assert getattr(client, method)(f"/w/shop{path}").status_code == 404, (address, method)


def test_nobody_gets_in_unknown(examples, client):
    faults = []
    for address, path in reached(examples):
        for method in methods(address):
            answer = getattr(client, method)(path, HTTP_HOST="localhost")
            led = answer.status_code == 302 and answer.headers["Location"].startswith("/sign-in/")
            if not (answer.status_code == 401 if address.route.startswith(API) else led):
                faults.append((address.name, method, answer.status_code))
    assert not faults


def test_an_outsider_is_told_that_there_is_nothing(examples, outsider):
    faults = []
    for address, path in reached(examples):
        for method in methods(address):
            status = getattr(outsider, method)(path).status_code
            if status != 404:
                faults.append((address.name, method, status))
    assert not faults


def test_keys_of_another_workspace_open_nothing_in_ones_own(examples, outsider, workspace):
    """The owner of a workspace asks there for rows of another: by key in the address, as an attacker would who counts through numbers."""
    faults = []
    asked = list(reached(examples, "rival", lambda address: address.parameters))
    before = everything(workspace)
    for address, path in asked:
        for method in methods(address):
            status, text, changed, fault = visit(outsider, method, path, before, workspace)
            if changed or "禾间" in text or status >= 500 or (examples.names_rows(address) and status not in nothing(address)):
                faults.append((address.name, method, status, "changed" if changed else "", fault))
    assert not faults, "\n".join(map(str, faults))


def test_a_key_of_another_workspace_opens_no_part_of_the_api(examples, actor, other_workspace, client):
    rights = [f"{policy.kind}:{verb}" for policy in POLICIES.values() for verb in policy.verbs]
    theirs = actor("owner", other_workspace)
    with scope.use(other_workspace):
        _row, key = create_key(theirs, name="theirs", scopes=[right for right in rights if right in offered_to(theirs)])
    headers = {"HTTP_HOST": "localhost", "HTTP_AUTHORIZATION": f"Bearer {key}"}
    asked = list(reached(examples))
    assert client.get("/w/rival/api/v1/me", **headers).status_code == 200
    faults = []
    before = everything()
    for address, path in asked:
        own = path.replace("/w/shop/", "/w/rival/")
        if not address.route.startswith(API):  # a key opens the API and no page
            status = client.get(own, **headers).status_code
            if status != 302:
                faults.append((address.name, "with a key", status))
            continue
        for method in methods(address):
            status = getattr(client, method)(path, **headers).status_code
            if status != 401:
                faults.append((address.name, method, status))
            if examples.names_rows(address):
                status, text, changed, fault = visit(client, method, own, before, **headers)
                if changed or status not in nothing(address) or "禾间" in text:
                    faults.append((address.name, method, status, "changed" if changed else "", fault))
    assert not faults, "\n".join(map(str, faults))


def offered_to(actor):
    return {right for _kind, rights in offered(actor) for right in rights}


def test_nothing_is_changed_by_a_form_of_another_site(examples, member):
    client = Client(HTTP_HOST="localhost", enforce_csrf_checks=True)
    client.force_login(member("owner"), backend="tilth.workbench.accounts.backends.MemberBackend")
    faults = []
    for address, path in reached(examples):
        for method in methods(address)[1:]:
            status = getattr(client, method)(path).status_code
            if status != 403:
                faults.append((address.name, method, status))
    assert not faults


@pytest.mark.parametrize("role", list(Role), ids=str)
def test_a_member_sees_and_does_what_the_role_allows(examples, client_as, role):
    client = client_as(role)
    faults = []
    asked = list(reached(examples))
    before = everything()
    for address, path in asked:
        policy, verb = rights(address)
        may = policy is None or role in policy.roles(verb)
        for method in methods(address):
            status, text, changed, fault = visit(client, method, path, before if role == Role.VIEWER or not may else None)
            strange = changed and not (may and method == "post" and (policy is not None or address.name in OWN))
            fault = fault or next((found[0] for sign in (SCRIPT, ELSEWHERE) if (found := sign.search(text))), "")
            if status >= 500 or fault or strange or (not may and status not in REFUSED):
                faults.append((address.name, method, status, "changed" if strange else "", fault))
    assert not faults, "\n".join(map(str, faults))


def test_outside_a_workspace_nothing_is_said_of_any(examples, client, workspace):
    faults = []
    before = everything()
    for address in OUTSIDE:
        path = "/" + address.filled({name: ANY.get(converter, "x") for name, converter in address.parameters.items()})
        for method in methods(address):
            status, text, changed, fault = visit(client, method, path, before, HTTP_HOST="localhost")
            if (status >= 500 and address.name != "healthz") or "禾间" in text or changed:  # no worker runs here, and healthz says so
                faults.append((address.name or path, method, status, "changed" if changed else "", fault))
    assert not faults, "\n".join(map(str, faults))
