"""The collector as an ASGI application: what clients post is read, written to disk, and only then acknowledged.

==========================  ==================================================
``POST /v1/<call>``         the Segment HTTP API
``POST, GET /sa``, ``/sa.gif``  Sensors' clients
``POST /debug``             Sensors' check: says what is wrong, stores nothing
``GET /pixel.gif``          one event by an image
``GET /tilth.js``           the web SDK
``GET /healthz``            whether it runs
==========================  ==================================================

A request with bad items is answered 2xx with their places and reasons: clients drop a whole batch for anything else. What cannot be written waits,
and is then answered 503 with ``Retry-After``.
"""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.requests import Request as Incoming
from starlette.responses import Response
from starlette.routing import Route

from tilth.collector import answers
from tilth.collector.calls import Batch, Unreadable
from tilth.collector.formats import limits, pixel, segment, unpacking
from tilth.collector.keys import Keys, WriteKey, published
from tilth.collector.requests import KEPT, Format, Request, unreadable
from tilth.collector.writing import Bounds, BusyError, Writer

RETRY = "10"  # seconds
PREFLIGHT = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "*, Authorization",
    "Access-Control-Max-Age": "86400",
}
SDK = Path(__file__).parent / "web" / "built" / "tilth.js"


class Collector:
    """Answers clients.

    Parameters
    ----------
    keys : Keys
    writer : Writer
    hops : int
        Proxies in front of it whose ``X-Forwarded-For`` is believed.
    """

    def __init__(self, keys: Keys, writer: Writer, hops: int = 0) -> None:
        self._keys, self._writer, self._hops = keys, writer, hops

    async def segment(self, incoming: Incoming) -> Response:
        """Take a request of the Segment HTTP API."""
        return await self._taken(incoming, "segment", incoming.path_params["endpoint"])

    async def sensors(self, incoming: Incoming) -> Response:
        """Take a request of a Sensors client."""
        return await self._taken(incoming, "sensors", incoming.url.path.rpartition("/")[2])

    async def pixel(self, incoming: Incoming) -> Response:
        """Take an event by an image."""
        return await self._taken(incoming, "pixel", "pixel.gif")

    async def debug(self, incoming: Incoming) -> Response:
        """Say what is wrong with a request of a Sensors client; with ``Dry-Run: true`` nothing is stored."""
        key = self._keys.find(incoming.query_params.get("token"))
        if key is None:
            return _answer(incoming, 401, answers.refused(401, answers.NO_KEY))
        try:
            request = await self._request(incoming, "sensors", "debug")
            batch = request.read(key.tz)
        except Unreadable as error:
            return _answer(incoming, *answers.unreadable(error))
        if request.headers.get("dry-run", "").lower() != "true":
            written = await self._written(incoming, request, key, batch)
            if written.status_code == 503:
                return written
        return _answer(incoming, *answers.checked(batch))

    async def sdk(self, incoming: Incoming) -> Response:
        """Give the web SDK, with what the workspace of ``?key=`` demands written into it."""
        key = self._keys.find(incoming.query_params.get("key"))
        script = SDK.read_bytes().replace(b"@consent", b"required" if key and key.consent else b"")
        return Response(script, media_type="text/javascript", headers={"Cache-Control": "public, max-age=3600", "Access-Control-Allow-Origin": "*"})

    async def preflight(self, incoming: Incoming) -> Response:
        """Allow a page to ask: a preflight carries no key by which its origin could be judged."""
        return Response(status_code=204, headers=PREFLIGHT)

    async def _taken(self, incoming: Incoming, format: Format, endpoint: str) -> Response:
        try:
            request = await self._request(incoming, format, endpoint)
        except Unreadable as error:
            return _answer(incoming, *answers.unreadable(error))
        except ClientDisconnect:
            return Response(status_code=400)
        named = request.query.get("token") or request.query.get("key")
        key = self._keys.find(named or segment.basic(incoming.headers.get("authorization", "")))
        try:
            batch = request.read(key.tz if key else "UTC")
        except Unreadable as error:
            if format != "sensors" or key is None:
                return _answer(incoming, *answers.unreadable(error))
            batch = Batch(None, (), (unreadable(request, error),))  # its clients would send it again for ever, or end: it is kept aside instead
        key = key or self._keys.find(batch.key)
        if key is None:
            return _answer(incoming, 401, answers.refused(401, answers.NO_KEY))
        if not key.allows(incoming.headers.get("origin")):
            return _answer(incoming, 403, answers.refused(403, answers.NOT_HERE))
        return await self._written(incoming, request, key, batch)

    async def _written(self, incoming: Incoming, request: Request, key: WriteKey, batch: Batch) -> Response:
        try:
            if batch.calls or batch.faults:
                await self._writer.append(Path(key.root), Request(**{**vars(request), "key": key.id}).packed())
        except BusyError:
            return _answer(incoming, 503, answers.refused(503, answers.BUSY), {"Retry-After": RETRY})
        if request.format == "segment" or request.endpoint == "sa":
            return _answer(incoming, 200, answers.accepted(batch))
        return Response(pixel.GIF, media_type="image/gif", headers={"Cache-Control": "no-store", "Access-Control-Allow-Origin": "*"})

    async def _request(self, incoming: Incoming, format: Format, endpoint: str) -> Request:
        """Return what came in.

        Raises
        ------
        Unreadable
            When it is too large.
        """
        received = time.time_ns() // 1000
        body = bytearray()
        async for chunk in incoming.stream():
            body += chunk
            if len(body) > limits.SENT:
                raise Unreadable(413, unpacking.TOO_LONG)
        kept = {name: value for name in KEPT if (value := incoming.headers.get(name))}
        return Request(format, endpoint, received, bytes(body), dict(incoming.query_params), kept, self._ip(incoming.headers, incoming))

    def _ip(self, headers: Headers, incoming: Incoming) -> str:
        forwarded = [one.strip() for one in headers.get("x-forwarded-for", "").split(",") if one.strip()]
        if self._hops and len(forwarded) >= self._hops:
            return forwarded[-self._hops]
        return incoming.client.host if incoming.client else ""


def _answer(incoming: Incoming, status: int, body: bytes, headers: dict[str, str] | None = None) -> Response:
    allowed = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Retry-After"}
    return Response(body, status, {**allowed, **(headers or {})}, "application/json")


async def health(incoming: Incoming) -> Response:
    """Say that it runs."""
    return Response(b'{"status":"ok"}', media_type="application/json")


def create(keys: Path, bounds: Bounds | None = None, hops: int = 0) -> Starlette:
    """Return the application.

    Parameters
    ----------
    keys : Path
        Where the write keys are published; see :mod:`tilth.collector.keys`.
    bounds : Bounds, optional
    hops : int
        Proxies in front of it whose ``X-Forwarded-For`` is believed.
    """
    writer = Writer(bounds)
    collector = Collector(Keys(keys), writer, hops)

    @asynccontextmanager
    async def life(_app: Starlette) -> AsyncIterator[None]:
        yield
        writer.close()

    posts: dict[str, Any] = {"methods": ["POST"]}
    routes = [
        Route("/v1/{endpoint}", collector.segment, **posts),
        Route("/sa", collector.sensors, methods=["POST", "GET"]),
        Route("/sa.gif", collector.sensors, methods=["POST", "GET"]),
        Route("/debug", collector.debug, **posts),
        Route("/pixel.gif", collector.pixel, methods=["GET"]),
        Route("/tilth.js", collector.sdk, methods=["GET"]),
        Route("/healthz", health, methods=["GET"]),
        Route("/{anything:path}", collector.preflight, methods=["OPTIONS"]),
    ]
    return Starlette(routes=routes, lifespan=life)


def served() -> Starlette:
    """Return the application as a server process runs it; bounds come from ``TILTH_COLLECTOR_BEHIND``, ``_RESERVE``, ``_PATIENCE`` and ``_HOPS``."""
    given = {name: os.environ.get(f"TILTH_COLLECTOR_{name.upper()}") for name in ("behind", "reserve", "patience", "hops")}
    usual = Bounds()
    bounds = Bounds(int(given["behind"] or usual.behind), int(given["reserve"] or usual.reserve), float(given["patience"] or usual.patience))
    return create(published(), bounds, int(given["hops"] or 0))
