"""The help under the settings: errors, pending changes, the meaning of the focused setting."""

from collections.abc import Sequence
from textwrap import wrap

from textual.content import Content
from textual.widgets import Static

from core.events import RunStarted
from tui.drawing.text import whole_words
from tui.panes.settings.field import AT_RESTART, INVALID, PENDING, Field

_WIDE = 60  # cells from which the full explanation fits


class SettingHelp(Static):
    """A few lines of fixed height, so that the fields above never move."""

    def show_help(self, fault: str | None, pending: Sequence[str], about: str) -> None:
        """Shows the fault, or else the pending settings and the text `about`."""
        width, height = max(1, self.size.width), max(1, self.size.height)
        if fault:
            content = Content.styled(f"{INVALID} {fault}", "$text-error")
        elif pending:
            notice = Content.styled(pending_notice(pending, width), "$text-warning")
            content = Content("\n").join((notice, Content(fitted(about, width, height - 1))))
        else:
            content = Content(fitted(about, width, height))
        self.update(content, layout=False)


def fitted(text: str, width: int, height: int) -> str:
    """Wraps a text, and cuts it with an ellipsis if it has too many lines."""
    lines = _wrapped(text, width)
    if len(lines) > height > 0:
        lines[height - 1] = f"{whole_words(lines[height - 1], width - 1)}…"
    return "\n".join(lines[: max(0, height)])


def _wrapped(text: str, width: int) -> list[str]:
    return [
        line
        for paragraph in text.splitlines()
        for line in wrap(paragraph, max(width, 1), break_on_hyphens=False)
    ]


def pending_notice(labels: Sequence[str], width: int) -> str:
    """Names or counts the pending settings, in one line of `width` cells."""
    count, it = len(labels), "it" if len(labels) == 1 else "them"
    changes = "1 change" if count == 1 else f"{count} changes"
    for subject in (", ".join(labels), changes):
        notice = f"{PENDING} {subject} pending: r restarts with {it}"
        if len(notice) <= width:
            return notice
    return f"{PENDING} {count} pending: r restarts"


def facts(run: RunStarted, width: int) -> str:
    """The network and the data of a run, and the meaning of the sign at some fields."""
    data = run.dataset
    sizes = (data.train_images[0].size, *run.config.hidden, len(data.class_names))
    network = "network " + "-".join(map(str, sizes))
    parameters = f"{run.parameters:,} parameters"
    training = f"{run.training_images:,} training images"
    evaluation = f"{run.evaluation_images:,} {run.evaluation_set} images"
    sign = f"{AT_RESTART} takes effect at a restart"
    between = ", " if width >= _WIDE else "\n"
    lines = [network + between + parameters, training + between + evaluation]
    if run.notes:
        count = "1 note" if len(run.notes) == 1 else f"{len(run.notes)} notes"
        lines.append(f"Press I for the data and {count}")
    return "\n".join((*lines, sign))


def explanation(field: Field, width: int, height: int) -> str:
    """The meaning and rules of a setting, as much as fits; at least the first sentence."""
    meaning, _, rest = field.setting.meaning.partition(". ")
    meaning = meaning.rstrip(".") + "."
    for text in (
        f"{meaning} {rest} {field.rules}",
        f"{meaning} {field.rules}",
        f"{meaning} {rest}",
    ):
        if len(_wrapped(text, width)) <= height:
            return " ".join(text.split())
    return meaning
