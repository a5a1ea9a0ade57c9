"""What stands under the settings: what is wrong, what waits, what the field in use means."""

from collections.abc import Sequence
from textwrap import wrap

from textual.content import Content
from textual.widgets import Static

from core.events import RunStarted
from tui.panes.settings.field import PENDING, WAITS_FOR_RESET, WRONG, Field

_WIDE = 60  # cells, from which there is room for whole sentences


class SettingHelp(Static):
    """A few lines of one height, so that what stands above stays where it is."""

    def show_help(self, fault: str | None, pending: Sequence[str], about: str) -> None:
        """The fault alone; or which settings wait for a reset, and what `about` says."""
        width, height = max(1, self.size.width), max(1, self.size.height)
        if fault:
            content = Content.styled(f"{WRONG} {fault}", "$text-error")
        elif pending:
            notice = Content.styled(waiting(pending, width), "$text-warning")
            content = Content("\n").join((notice, Content(fitted(about, width, height - 1))))
        else:
            content = Content(fitted(about, width, height))
        self.update(content, layout=False)


def fitted(text: str, width: int, height: int) -> str:
    """As much of the text as goes into so many lines; an ellipsis where there is more."""
    lines = [
        line
        for paragraph in text.splitlines()
        for line in wrap(paragraph, width, break_on_hyphens=False)
    ]
    if len(lines) > height > 0:
        lines[height - 1] = lines[height - 1][: width - 1] + "…"
    return "\n".join(lines[: max(0, height)])


def waiting(labels: Sequence[str], width: int) -> str:
    """That these settings wait for a reset, in one line of `width` cells."""
    for what in (", ".join(labels), f"{len(labels)} settings"):
        sentence = f"{PENDING} press r to reset the run and apply {what}"
        if len(sentence) <= width:
            return sentence
    return f"{PENDING} {len(labels)} wait{'s' * (len(labels) == 1)}: press r to reset"


def facts(run: RunStarted, width: int) -> str:
    """The network and the data of a run, in words, and what the sign at a field means."""
    data = run.dataset
    sizes = (data.train_images[0].size, *run.config.hidden, len(data.class_names))
    network = "network " + "-".join(map(str, sizes))
    parameters = f"{run.parameters:,} parameters"
    training = f"{run.training_images:,} training images"
    watched = f"{run.evaluation_images:,} {run.evaluation_set} images"
    sign = f"{WAITS_FOR_RESET} takes effect at a reset"
    between = ", " if width >= _WIDE else "\n"
    return "\n".join((network + between + parameters, training + between + watched, sign))


def explanation(field: Field, width: int) -> str:
    """What a setting means: its first sentence, or, where there is room, all there is to say."""
    meaning = field.setting.meaning
    if width >= _WIDE:
        return f"{meaning} {field.rules}"
    return meaning.partition(". ")[0].rstrip(".") + "."
