"""A kept run as the command that repeats it."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from core.assets import FASHION_MNIST
from core.branches import net_changes
from core.config.config import SETTINGS, Config
from core.config.presets import included
from core.data.dataset import load
from core.errors import RunError
from core.events import Change
from core.runs.description import files_fingerprint
from core.runs.run import Run
from core.text import counted, shell_line
from core.training.trainer import RESETTING


def as_command(run: Run) -> str:
    """Returns one line for a shell, changes of settings by hand included.

    On the same machine and versions it makes the same run, bit for bit. A run that is not
    finished is trained to its end; other branches are left out. Raises RunError if no line can.
    """
    if reason := unrepeatable(run):
        raise RunError(reason)
    return shell_line(("fashion-tui", "train", *_arguments(run)))


def unrepeatable(run: Run) -> str | None:
    """Returns why no single command repeats the run; None if one does."""
    return f"no single command repeats {run.name}: it {run.origin}" if run.origin else None


def unfinished(run: Run) -> str | None:
    """Returns a sentence if the command trains longer than the run did; None if it does not."""
    if run.meta.get("phase") in ("finished", "diverged"):
        return None
    return (
        f"{run.name} stopped after {run.step:,} steps, {run.meta.get('epochs', 0):,.1f} of "
        f"{counted(run.current_config.epochs, 'epoch')}, and this command trains to the end; add "
        f"--until {run.step} to stop there"
    )


def _arguments(run: Run) -> Iterator[str]:
    presets = {name: preset.config for name, preset in included().items()}
    preset = min(presets, key=lambda name: len(_differences(presets[name], run.config)))
    if preset != "default":
        yield from ("--preset", preset)
    for name in _differences(presets[preset], run.config):
        yield from (f"--{SETTINGS[name].option}", SETTINGS[name].write(getattr(run.config, name)))
    data = run.meta["data"]
    files = data.get("files", data["fingerprint"])
    if Path(data["path"]) != FASHION_MNIST and files != files_fingerprint(load()):
        yield from ("--data", data["path"])
    yield from run.reading.options()
    for step, groups in groupby(run.change_groups(), key=lambda group: group[0].step):
        for changes in _merged(tuple(groups)):
            yield from ("--at", str(step))
            for change in changes:
                setting = SETTINGS[change.field]
                yield f"{setting.option}={setting.write(change.new)}"


def _merged(groups: Sequence[tuple[Change, ...]]) -> Sequence[tuple[Change, ...]]:
    """Merges the changes of one step, unless a state was reset that they do not reset together."""
    made = tuple(change for group in groups for change in group)
    net = net_changes(made)
    undone = {change.field for change in made} - {change.field for change in net}
    if undone & RESETTING:
        return groups
    return [net] if net else []


def _differences(one: Config, other: Config) -> list[str]:
    return [name for name in SETTINGS if getattr(one, name) != getattr(other, name)]
