"""A chart as a picture, made without a browser: for mail, for files, for wherever no script runs.

ECharts draws itself as SVG in a JavaScript engine inside this process, in the look of ``assets/theme.js`` that pages have too; resvg makes a PNG
of it with the fonts of the system. Both come with the extra ``web``.
"""

from __future__ import annotations

import atexit
import ctypes
import os
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from threading import Lock
from types import ModuleType
from typing import TYPE_CHECKING, Any

from tilth.analysis.display.charts import as_json
from tilth.analysis.display.tokens import Theme, asset, colours, declared
from tilth.errors import InputError, TilthError
from tilth.language import _, current

if TYPE_CHECKING:
    from py_mini_racer import MiniRacer

SECONDS = 10.0
"""The longest that drawing one chart may take."""
MEMORY = 256 * 2**20
"""The most bytes that the JavaScript engine may hold."""
WIDEST = 8_000
"""The most pixels of a side."""

_CHINESE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff]")
_SIGN = '<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24"><text x="2" y="20" font-size="18" font-family="sans-serif">{}</text></svg>'


class NoPicture(TilthError):
    """A chart could not be made a picture: a part or a font is missing, or its drawing took too long or too much memory."""


def svg(option: dict[str, Any], width: int = 760, height: int = 320, theme: Theme = "light") -> str:
    """Return a chart as the text of an SVG.

    Parameters
    ----------
    option : dict
        What ``chart()`` of a result gives.
    width, height : int
        In pixels.
    theme : {"light", "dark"}

    Raises
    ------
    NoPicture
        When the extra ``web`` is not installed, or drawing takes more than 10 seconds or 256 MB.
    InputError
        When the size is not one, or a figure of the option is NaN.

    Examples
    --------
    >>> from tilth.analysis.events import Events
    >>> funnel = Events({"user_id": ["a", "a"], "ts": [0, 60], "event": ["view", "pay"]}).funnel(["view", "pay"])
    >>> "1 · 100.0%" in svg(funnel.chart())
    True
    """
    for side in (width, height):
        if not 1 <= side <= WIDEST:
            raise InputError(_("A picture of {width} × {height}: each side has 1 to {most} pixels.").format(width=width, height=height, most=WIDEST))
    try:
        text = as_json(option)
    except ValueError as fault:
        raise InputError(_("The chart cannot be drawn: a figure in it is not finite. Leave it out or make it None.")) from fault
    look = {"width": width, "height": height, "colours": colours(theme), "font": declared()["font"], "chinese": current() == "zh-Hans"}
    return _drawing.draw(text, look)


def png(option: dict[str, Any], width: int = 760, height: int = 320, scale: float = 2, theme: Theme = "light") -> bytes:
    r"""Return a chart as a PNG of `scale` pixels for each pixel of :func:`svg`; other parameters and errors are those of :func:`svg`.

    Raises
    ------
    NoPicture
        Also when the chart has Chinese words and the system no font for them.

    Examples
    --------
    >>> png({"series": []}, width=100, height=50)[:4]
    b'\x89PNG'
    """
    if not 0 < scale * max(width, height) <= 2 * WIDEST:
        raise InputError(_("scale={scale} makes the picture larger than {most} pixels.").format(scale=scale, most=2 * WIDEST))
    drawing = svg(option, width, height, theme)
    resvg = _part("resvg_py", "resvg-py")
    if _CHINESE.search(drawing) and not chinese_shows():
        raise NoPicture(
            _("There is no font for Chinese, so its words would be missing from the picture. Install one: {command}").format(
                command="apt-get install fonts-noto-cjk"
            )
        )
    return bytes(resvg.svg_to_bytes(svg_string=drawing, zoom=scale, languages=["zh-Hans", "en"]))


@cache
def chinese_shows(system_fonts: bool = True) -> bool:
    """Return whether there is a font for Chinese: without one, two signs look the same, either nothing or a box."""
    resvg = _part("resvg_py", "resvg-py")
    return len({bytes(resvg.svg_to_bytes(svg_string=_SIGN.format(sign), skip_system_fonts=not system_fonts)) for sign in "耕运"}) == 2


def _part(module: str, package: str) -> ModuleType:
    """Return an optional part, or say how to get it."""
    from importlib import import_module

    try:
        return import_module(module)
    except ImportError as fault:
        raise NoPicture(
            _("Pictures of charts need {package}, which is not installed. Install it with: {command}").format(
                package=package, command="pip install 'tilth[web]'"
            )
        ) from fault


class _Drawing:
    """The JavaScript engine with ECharts in it: one a process, one drawing at a time, begun when it is first needed.

    It has a thread of its own, so it is stopped before the interpreter ends, and a forked child, which has no such thread, begins another.
    """

    def __init__(self) -> None:
        self._engine: MiniRacer | None = None
        self._lock = Lock()
        os.register_at_fork(after_in_child=self._begin_again)
        atexit.register(self._end)

    def draw(self, text: str, look: dict[str, Any]) -> str:
        racer = _part("py_mini_racer", "mini-racer")
        with self._lock:
            try:
                if self._engine is None:
                    self._engine = _elsewhere(racer.MiniRacer)
                    for name in ("echarts.min.js", "theme.js", "picture.js"):
                        self._engine.eval(asset(name) + "\n;0", timeout_sec=SECONDS, max_memory=MEMORY)
                return str(self._engine.call("tilthPicture", text, look, timeout_sec=SECONDS))
            except (racer.JSTimeoutException, racer.JSOOMException) as fault:
                self._discard(racer.JSEvalException)
                raise NoPicture(_("Drawing the chart took too long or too much memory: draw fewer groups or rows.")) from fault
            except racer.JSEvalException as fault:
                reason = str(fault).strip().splitlines()[0].partition(": ")[2]
                raise NoPicture(_("The chart could not be drawn: {reason}").format(reason=reason)) from fault

    def _discard(self, stopped: type[Exception]) -> None:
        """Close an engine that was stopped midway, once it has said so: its last answer would find nobody."""
        if self._engine is not None:
            with suppress(stopped):
                self._engine.eval("0", timeout_sec=SECONDS)
        self._close()

    def _close(self) -> None:
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.close()

    def _end(self) -> None:
        with self._lock:
            self._close()

    def _begin_again(self) -> None:
        if self._engine is not None:
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._engine))  # the parent's: closing it would wait for a thread that is not here
        self._engine, self._lock = None, Lock()


def _elsewhere(make: Callable[[], MiniRacer]) -> MiniRacer:
    """Return an engine made in another thread: here it would take over an event loop that runs, and stop it while it draws."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(make).result()


_drawing = _Drawing()
