"""The metrics of a run as a TensorBoard event file, with the package tensorboardX."""

import math
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from core.errors import ExportError
from core.export.metrics import rows
from core.runs.run import Run

_VERSION = "brain.Event:2"


def as_events(run: Run) -> bytes:
    """Returns scalars for each step, at the time when it was trained: that of the start, plus the
    seconds in training steps.

    Raises ExportError without the package.
    """
    try:
        from tensorboardX.proto.event_pb2 import Event
        from tensorboardX.proto.summary_pb2 import Summary
        from tensorboardX.record_writer import RecordWriter
    except ImportError as error:
        raise ExportError(
            "TensorBoard's event files need the package tensorboardX; install it with: "
            "pip install 'fashion-tui[tensorboard]'"
        ) from error
    started = float(run.meta["started"])
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "events"
        with closing(RecordWriter(str(path))) as writer:
            writer.write(Event(wall_time=started, file_version=_VERSION).SerializeToString())
            for step, seconds, values in _scalars(run):
                scalars = [Summary.Value(tag=tag, simple_value=v) for tag, v in values.items()]
                event = Event(
                    wall_time=started + seconds, step=step, summary=Summary(value=scalars)
                )
                writer.write(event.SerializeToString())
        return path.read_bytes()


def _scalars(run: Run) -> Iterator[tuple[int, float, dict[str, float]]]:
    """Yields each step with its seconds and its values by tag."""
    subset = run.meta["evaluation_set"]
    tags = {
        "loss": "training/loss",
        "accuracy": "training/accuracy",
        "learning_rate": "learning_rate",
        "evaluation_loss": f"{subset}/loss",
        "evaluation_accuracy": f"{subset}/accuracy",
    }
    seconds = 0.0
    for row in rows(run):
        seconds = row["seconds"] or seconds
        values = {tag: row[name] for name, tag in tags.items() if row[name] is not None}
        if values and math.isfinite(seconds):
            yield row["step"], seconds, values
