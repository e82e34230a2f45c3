"""Files as people send them, and the pages they go through."""

import hashlib
import json

import pytest

from tilth.workbench.data.models import Draft, Upload
from tilth.workbench.jobs.models import Job
from tilth.workbench.jobs.running import run_here
from tilth.workbench.tenancy import scope

CHUNK = 3_000_000  # smaller than the largest piece, so that a file of some megabytes has several


@pytest.fixture
def send():
    """``send(client, name, content)`` sends a file in pieces as a browser does; returns the last answer."""

    def sent(client, name, content, slug="shop", chunk=CHUNK):
        root = f"/w/{slug}/data/load/uploads/"
        begun = client.post(root, json.dumps({"name": name, "size": len(content)}), content_type="application/json")
        if begun.status_code != 200:
            return begun
        told = begun.json()
        for at in range(told["received"], len(content), chunk):
            piece = content[at : at + chunk]
            headers = {"Upload-Offset": str(at), "Piece-Digest": hashlib.sha256(piece).hexdigest()}
            taken = client.put(told["url"], piece, content_type="application/octet-stream", headers=headers)
            if taken.status_code != 200:
                return taken
        return client.post(told["finish"])

    return sent


@pytest.fixture
def draft_of(send, client_as, workspace):
    """``draft_of(name, content)`` is the load in the making of a file that an analyst sent."""

    def drafted(name, content, where=workspace):
        answer = send(client_as("analyst", where), name, content, where.slug)
        assert answer.status_code == 200, answer.content.decode()
        with scope.use(where):
            return Draft.objects.get(upload=Upload.objects.get(name=name))

    return drafted


@pytest.fixture
def worked():
    """``worked(workspace)`` does the work that waits there, as the worker would, and returns the last job."""

    def done(where):
        with scope.use(where):
            waiting = list(Job.objects.filter(state="waiting").order_by("pk"))
        return [run_here(job) for job in waiting][-1]

    return done
