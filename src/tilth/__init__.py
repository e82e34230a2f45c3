"""Tilth 耕运: the public library.

>>> import tilth as tl
>>> events = tl.Events({"user_id": ["a", "a"], "ts": ["2024-01-01", "2024-01-02"], "event": ["view", "buy"]})
>>> events.funnel(["view", "buy"], within="7d").frame["people"].tolist()
[1, 1]

Names are loaded when first used, so that ``import tilth`` and shell completion stay quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tilth.analysis.behaviour.activation import Activation
    from tilth.analysis.behaviour.frequency import Frequency
    from tilth.analysis.behaviour.funnel import Funnel
    from tilth.analysis.behaviour.intervals import Intervals
    from tilth.analysis.behaviour.lifecycle import Lifecycle
    from tilth.analysis.behaviour.path_clusters import PathClusters
    from tilth.analysis.behaviour.paths import Paths
    from tilth.analysis.behaviour.retention import Retention
    from tilth.analysis.behaviour.sessions import Sessions
    from tilth.analysis.behaviour.stickiness import Stickiness
    from tilth.analysis.behaviour.touchpoints import Touchpaths
    from tilth.analysis.events import Events
    from tilth.analysis.orders import Orders
    from tilth.analysis.steps import Exclude, Step
    from tilth.analysis.value.rfm import RFM
    from tilth.engine.people import PersonSet
    from tilth.errors import TilthError
    from tilth.warehouse.workspace import Workspace

_HOMES = {
    "Events": "tilth.analysis.events",
    "Orders": "tilth.analysis.orders",
    "Step": "tilth.analysis.steps",
    "Exclude": "tilth.analysis.steps",
    "Funnel": "tilth.analysis.behaviour.funnel",
    "Retention": "tilth.analysis.behaviour.retention",
    "PathClusters": "tilth.analysis.behaviour.path_clusters",
    "Paths": "tilth.analysis.behaviour.paths",
    "Touchpaths": "tilth.analysis.behaviour.touchpoints",
    "Activation": "tilth.analysis.behaviour.activation",
    "Frequency": "tilth.analysis.behaviour.frequency",
    "Intervals": "tilth.analysis.behaviour.intervals",
    "Lifecycle": "tilth.analysis.behaviour.lifecycle",
    "Sessions": "tilth.analysis.behaviour.sessions",
    "Stickiness": "tilth.analysis.behaviour.stickiness",
    "RFM": "tilth.analysis.value.rfm",
    "PersonSet": "tilth.engine.people",
    "TilthError": "tilth.errors",
    "Workspace": "tilth.warehouse.workspace",
}

__version__ = "0.1.0"
__all__ = [
    "RFM",
    "Activation",
    "Events",
    "Exclude",
    "Frequency",
    "Funnel",
    "Intervals",
    "Lifecycle",
    "Orders",
    "PathClusters",
    "Paths",
    "PersonSet",
    "Retention",
    "Sessions",
    "Step",
    "Stickiness",
    "TilthError",
    "Touchpaths",
    "Workspace",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'tilth' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
