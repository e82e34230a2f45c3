"""Retentioneering's side: a funnel without a time limit, which is the only kind it has, over a pandas data frame."""

from __future__ import annotations

import os
import sys
from importlib.metadata import version
from pathlib import Path

from behaviour.measure import timed, told
from behaviour.questions import STEPS


def main(folder: Path) -> None:
    os.environ["RETENTIONEERING_NO_TRACK"] = "1"  # it would call its makers
    import pandas as pd
    from retentioneering.eventstream.eventstream import Eventstream

    frame = pd.read_parquet(folder / "events.parquet", columns=["person", "time", "event"])
    stream = Eventstream(frame, schema={"path_cols": ["person"], "event_col": "event", "timestamp_col": "time"})
    rows = {"funnel_ever": [timed(lambda: [int(step["unique_paths"]) for step in stream.funnel_data(steps=STEPS)["steps"]])]}
    told(version=f"Retentioneering {version('retentioneering')}", rows=rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
