"""The first version of the API, put together, and its description as OpenAPI."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI

from tilth import __version__
from tilth.workbench.api import problems
from tilth.workbench.api.door import Key
from tilth.workbench.api.forms import JsonParser
from tilth.workbench.api.rooms import dictionary, jobs, loads, me, people, questions, segments, write_keys

FAILURES = {
    "400": "The request cannot be read.",
    "401": "No key, or one that does not open this workspace.",
    "403": "A right is missing.",
    "404": "There is no such thing.",
    "409": "It does not go on from there.",
    "413": "More than one request may bring.",
    "422": "It can be read, and not be done.",
    "429": "More requests than a minute allows.",
}
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
    },
}


class Api(NinjaAPI):
    """Ninja's, with problems in its description."""

    def get_openapi_schema(self, **given: Any) -> Any:
        """Return the description."""
        schema = super().get_openapi_schema(**given)
        schema["components"].setdefault("schemas", {})["Problem"] = PROBLEM
        for path in schema["paths"].values():
            for operation in path.values():
                for status, words in FAILURES.items():
                    content = {problems.MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}}
                    operation["responses"][status] = {"description": words, "content": content}
        return schema


api = Api(
    title="Tilth",
    version=__version__,
    description="Questions, people, segments, loads, jobs, the dictionary and the write keys of one workspace.",
    urls_namespace="api",
    docs_url=None,
    openapi_url=None,
    auth=Key(),
    parser=JsonParser(),
)
problems.answer_for(api)
api.add_router("/me", me.router)
api.add_router("/questions", questions.router)
api.add_router("/people", people.router)
api.add_router("/segments", segments.router)
api.add_router("/loads", loads.router)
api.add_router("/uploads", loads.sending)
api.add_router("/jobs", jobs.router)
api.add_router("/dictionary", dictionary.router)
api.add_router("/keys", write_keys.router)


@api.get("/openapi.json", include_in_schema=False)
def openapi(request: HttpRequest) -> JsonResponse:
    """Return the description of the API, with this workspace's addresses."""
    return JsonResponse(api.get_openapi_schema())


def nothing(request: HttpRequest) -> HttpResponse:
    """Say that there is no such address, in the place of what Wagtail would make of it."""
    raise Http404
