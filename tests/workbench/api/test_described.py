"""The API does what its description says: schemathesis makes requests from the OpenAPI document, right and wrong ones, and checks every answer.

It speaks WSGI in this process, with a key that may do everything, to a workspace that holds something of each kind. The same requests each time.
"""

import os
from dataclasses import replace

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis.errors import Unsatisfiable
from schemathesis.specs.openapi import checks

from tilth.workbench.config.wsgi import application
from tilth.workbench.jobs.actions import start

EXAMPLES = int(os.environ.get("TILTH_FUZZ", "2")) * 2
"""Right requests for each operation, and as many wrong ones."""
LEFT_OUT = [
    # a name of an event, a column or a day that is none is text like any other to the description
    checks.positive_data_acceptance,
]


@pytest.fixture
def described(program, actor, workspace, settings):
    """The description of the API, as a program with all rights reads it."""
    settings.OPTIONS = replace(settings.OPTIONS, limits=replace(settings.OPTIONS.limits, api_per_minute=1_000_000))
    settings.ALLOWED_HOSTS = ["localhost"]
    speak = program("owner")
    assert speak.post("questions", {"name": "问", "kind": "funnel"}).status_code == 201
    assert speak.post("segments", {"name": "甲", "figure": {"kind": "funnel", "cell": {"step": 1}}}).status_code == 201
    assert speak.post("uploads", {"name": "a.csv", "size": 10}).status_code == 201
    start(actor("owner"), "data.demo", title="演示")
    config = schemathesis.Config.from_dict(
        {"generation": {"deterministic": True, "with-security-parameters": False}, "parameters": {"path.kind": "funnel", "path.pk": 1}}
    )
    # the test's transaction lives on one connection, which a request of its own would close
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi(f"{speak.base}openapi.json", application, config=config, headers=speak.headers), speak.headers
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


def test_every_operation_answers_as_described(described):
    faults = []
    api, key = described
    for found in api.get_all_operations():
        operation = found.ok()
        for mode in schemathesis.GenerationMode:

            @examples(max_examples=EXAMPLES, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
            @given(case=operation.as_strategy(generation_mode=mode))
            def answers(case):
                case.call_and_validate(headers=key, excluded_checks=LEFT_OUT)

            try:
                answers()
            except Unsatisfiable:  # this operation takes nothing that could be wrong
                continue
            except (Exception, BaseExceptionGroup) as fault:
                faults.append(f"{operation.label}, {mode.value}: {fault}")
    assert not faults, "\n\n".join(faults)
