"""The differing settings of several runs, and their results, in a table."""

from textwrap import wrap

from rich.cells import cell_len
from rich.style import Style
from textual.reactive import reactive
from textual.strip import Strip

from core.config.config import SETTINGS
from core.runs.comparison import ComparedSetting
from core.text import printable
from tui.drawing.numbers import fit
from tui.drawing.text import longest, styled
from tui.panes.line_pane import LinePane
from tui.screens.runs.columns import percent
from tui.screens.runs.compared import Compared, ComparedRun
from tui.screens.runs.marks import COLORS, GLYPHS

_GAP = 2


class SettingsTable(LinePane):
    """A column for each run. Below a value are its changes by hand, with the step of each."""

    HINT = "↑↓ scroll"

    compared: reactive[Compared | None] = reactive(None, repaint=False)

    def __init__(self) -> None:
        super().__init__("compared-settings")
        self.border_title = "Results and differing settings"

    def watch_compared(self) -> None:
        self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        compared = self.compared
        if compared is None:
            return []
        results = list(zip(*map(_results, compared.runs), strict=True))
        if all(run.test_accuracy is None for run in compared.runs):
            results.pop()
        cells = max(cell_len(text) for row in results for text in row)
        heads = _heads(compared.runs, width - (_GAP + cells) * len(compared.runs))
        rows = [[name, *texts] for name, texts in zip(heads, results, strict=False)]
        if any(run.left_out for run in compared.runs):
            rows.append(["images left out", *(f"{run.left_out:,}" for run in compared.runs)])
        rows += [line for row in compared.settings for line in _setting(row)]
        label = max(len(row[0]) for row in rows)
        widest = max(cell_len(text) for row in rows for text in row[1:])
        names = [f"{GLYPHS[run.mark]} {printable(run.name)}" for run in compared.runs]
        cells = max(widest, *map(cell_len, names))
        if label + (_GAP + cells) * len(names) > width:  # the line above the panes has the names
            room = (width - label) // len(names) - _GAP
            cells, names = min(widest, max(room, 1)), [GLYPHS[run.mark] for run in compared.runs]
        gap, bold = " " * _GAP, Style(bold=True)
        head = [(" " * label, self.plain)]
        for run, name in zip(compared.runs, names, strict=True):
            head.append((f"{gap}{fit(name, cells)}", self.blended(COLORS[run.mark]) + bold))
        lines = [styled(*head)]
        for name, *texts in rows:
            values = "".join(f"{gap}{fit(text, cells)}" for text in texts)
            lines.append(styled((name.rjust(label), self.muted), (values, self.plain)))
        if not compared.settings:
            lines += [styled(("", self.plain)), styled((_same(compared.runs), self.muted))]
        if compared.seeds:
            lines.append(styled(("", self.plain)))
        for text in compared.seeds:
            for line in wrap(text, width, subsequent_indent="  "):
                lines.append(styled((line, self.plain)))
        return lines


def _heads(runs: tuple[ComparedRun, ...], room: int) -> tuple[str, ...]:
    """The names of the results, with the set of the evaluations; shorter ones if room is short."""
    subsets = " or ".join(dict.fromkeys(run.subset for run in runs))
    short = "accuracy" if " or " in subsets else subsets
    what = longest((f"{subsets} accuracy", short), room - len("best "))
    return "steps", "epochs trained", f"best {what}", f"last {what}", "test accuracy"


def _same(runs: tuple[ComparedRun, ...]) -> str:
    if len(runs) == 1:
        return "Mark a second run to compare settings."
    return "All settings are the same."


def _results(run: ComparedRun) -> list[str]:
    accuracy = run.evaluations["accuracy"]
    steps, epochs = run.across["steps"], run.across["epochs"]
    return [
        f"{steps[-1]:,.0f}" if len(steps) else "0",
        f"{epochs[-1]:,.1f}" if len(epochs) else "0",
        percent(float(accuracy.max()) if len(accuracy) else None),
        percent(float(accuracy[-1]) if len(accuracy) else None),
        percent(run.test_accuracy),
    ]


def _setting(row: ComparedSetting) -> list[list[str]]:
    """The lines of a setting: its values at the start, then the changes, first things first."""
    setting = SETTINGS[row.name]
    lines = [[setting.label, *map(setting.write, row.values)]]
    for number in range(max(map(len, row.changes))):
        changes = [made[number] if number < len(made) else None for made in row.changes]
        lines.append(["changed to", *((c and setting.write(c.new)) or "" for c in changes)])
        lines.append(["after step", *(f"{c.step:,}" if c else "" for c in changes)])
    return lines
