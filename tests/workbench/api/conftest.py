"""A program that speaks to the API of the demo brand with a key."""

import json

import pytest
from django.test import Client

from tilth.workbench.accounts.actions.keys import create_key, offered


class Program:
    """Sends JSON with a key; ``get("segments")`` is relative to the workspace's API."""

    def __init__(self, slug, key):
        self.client = Client(HTTP_HOST="localhost", raise_request_exception=False)
        self.base, self.headers = f"/w/{slug}/api/v1/", {"Authorization": f"Bearer {key}"} if key else {}

    def __call__(self, method, path, body=None, **headers):
        data = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        return self.client.generic(method, self.base + path, headers={**self.headers, **headers}, **data)

    def get(self, path, **headers):
        return self("GET", path, **headers)

    def post(self, path, body=None):
        return self("POST", path, {} if body is None else body)


@pytest.fixture
def key_of(actor, workspace):
    """``key_of("analyst")`` is a key with all rights of that role, or those given."""

    def made(role="owner", scopes=None, where=workspace):
        who = actor(role, where)
        every = [right for _kind, rights in offered(who) for right in rights]
        return create_key(who, name=f"{role}'s program", scopes=every if scopes is None else scopes)

    return made


@pytest.fixture
def program(key_of, workspace):
    """``program("analyst")`` speaks with such a key."""

    def made(role="owner", scopes=None, where=workspace):
        return Program(where.slug, key_of(role, scopes, where)[1])

    return made


@pytest.fixture
def stranger(workspace):
    """A program without a key."""
    return Program(workspace.slug, None)
