"""The keys of the training screen, in the order in which the key bar shows them.

The command palette lists them, too, so those of a pane begin with its name.
"""

from textual.binding import Binding, BindingType

from core.events import Phase
from core.history.snapshot import Snapshot
from tui.run.pace import PACES

BINDINGS: list[BindingType] = [
    Binding("space,f5", "run_or_pause", "Run/Pause", key_display="space"),
    Binding("s,f10", "step", "One batch", key_display="s"),
    Binding("e", "epoch", "Finish epoch"),
    Binding("b", "back(1)", "Step back"),
    Binding("r", "restart", "Restart"),
    Binding("t", "score", "Score test set"),
    Binding("g", "go_to", "Go to"),
    Binding("less_than_sign", "pace(-1)", "Slower", key_display="<"),
    Binding("greater_than_sign", "pace(1)", "Faster", key_display=">"),
    Binding("x", "toggle_pane('step')", "Look inside a step"),
    Binding("f", "full_screen", "Full screen"),
    Binding("S", "steps(10)", "Ten batches", key_display="S"),
    Binding("B", "back(10)", "Ten steps back", key_display="B"),
    Binding("R", "runs", "Runs", key_display="R"),
    Binding("y", "branches", "Branches"),
    Binding("n", "log", "Message log"),
    Binding("k", "coach", "Coach: problems and fixes", show=False),
    Binding("question_mark,f1", "help", "Help", key_display="?"),
    Binding("q", "app.quit", "Quit"),
    Binding("slash", "search_settings", "Search the settings", show=False),
    Binding("p", "draw", "Drawing board: see what the network predicts", show=False),
    Binding("W", "what_if", "What if: fewer units, corrupted images, a map", show=False),
    Binding("I", "data", "Data: images of each class, doubtful images", show=False),
    Binding("F", "find_rate", "Find a learning rate", show=False),
    Binding("E", "sweep", "Sweep: try several values of settings", show=False),
    Binding("N", "sweep(True)", "Repeat with several seeds: mean and range", show=False),
    Binding("u,ctrl+z", "undo", "Undo the last change of a setting", show=False),
    Binding("1", "show_pane('charts')", "Show curves", show=False),
    Binding("2", "show_pane('confusion')", "Show confusion matrix", show=False),
    Binding("3", "show_pane('gallery')", "Show images", show=False),
    Binding("4", "show_pane('form')", "Show settings", show=False),
    Binding("5", "show_pane('step')", "Show step", show=False),
    Binding("6", "show_pane('network')", "Show network", show=False),
    Binding("d,f11", "stage(1)", "Step: next stage", show=False),
    Binding("D", "stage(-1)", "Step: previous stage", show=False),
    Binding("l", "in_pane('charts', 'log_loss')", "Curves: logarithmic loss axis", show=False),
    Binding("a", "in_pane('charts', 'other')", "Curves: loss or accuracy", show=False),
    Binding("w", "in_pane('charts', 'window')", "Curves: whole run or last steps", show=False),
    Binding("h", "in_pane('charts', 'whole')", "Curves: after the initial drop or all", show=False),
    Binding(
        "X",
        "in_pane('charts', 'across')",
        "Curves: x axis of steps, epochs, images, time",
        show=False,
    ),
    Binding("%", "in_pane('confusion', 'percent')", "Confusion matrix: counts or %", show=False),
    Binding("m", "in_pane('gallery', 'kind')", "Images: mistakes, correct or all", show=False),
    Binding("c", "in_pane('gallery', 'label(1)')", "Images: next class", show=False),
    Binding("C", "in_pane('gallery', 'label(-1)')", "Images: previous class", show=False),
    Binding("o", "in_pane('gallery', 'order')", "Images: next order", show=False),
    Binding("i", "in_pane('gallery', 'pictures')", "Images: half-blocks or ASCII", show=False),
    Binding("z", "in_pane('gallery', 'thumbnails')", "Images: thumbnails or full size", show=False),
    Binding("escape", "leave", "Leave", show=False),
    Binding("escape", "close_toasts", show=False),  # if there is nothing to leave
    # With priority: otherwise letters typed right after Tab still go to the old field.
    Binding("tab", "app.focus_next", show=False, priority=True),
    Binding("shift+tab", "app.focus_previous", show=False, priority=True),
]

STEERING: list[BindingType] = [
    Binding("space,f5", "app.steer('run_or_pause')", "Run/Pause", key_display="space"),
    Binding("s,f10", "app.steer('step')", "One batch", key_display="s"),
    Binding("e", "app.steer('epoch')", "Finish epoch"),
    Binding("b", "app.steer('back(1)')", "Step back"),
]
"""The keys that run, pause and step the training from a screen over this one."""

RUN_COMMANDS = (
    ("rename", "Rename this run", "The run on the screen and its file"),
    ("star", "Star this run", "Or remove the star; a run with a star is never removed"),
    ("note", "Note on this run", "A line that the list of runs shows"),
    ("export", "Export this run", "As files for other programs"),
    ("copy_command", "Copy this run as a command", "One line that repeats it"),
)
"""What the palette offers for the file of the run: method of RunActions, title, meaning."""

VIEWS = (
    ("layers", "Network: layers", "Activations, gradients and updates of each layer"),
    ("units", "Network: units", "The weights of each unit as a picture"),
    ("histograms", "Network: histograms", "Weights, gradients and activations over time"),
)
"""What the palette offers for the network pane: its view, title, meaning."""

WHAT_IF = (
    ("What if: units", "How much accuracy is lost without each unit"),
    ("What if: weights", "Accuracy with fewer or noisy weights"),
    ("What if: corrupted images", "Accuracy with noise, blur, shifts and so on"),
    ("What if: confidence", "Does its confidence match its accuracy?"),
    ("What if: map", "The images by their pixels or a layer, in a plane"),
)
"""What the palette offers for the tabs of the screen What if: title, meaning."""

_TRAINS = ("run_or_pause", "step", "epoch", "steps(10)", "pace(-1)", "pace(1)")
_GOES_BACK = ("back(1)", "back(10)")
_LAST_PACES = {-1: PACES[0], 1: PACES[-1]}
_WORK_AT_AN_END = {
    Phase.FINISHED: ("score", "back(1)", "go_to", "restart"),
    Phase.DIVERGED: ("back(1)", "restart", "go_to", "score"),
}


def first_keys(snapshot: Snapshot) -> tuple[str, ...]:
    """The actions that the key bar shows first: where nothing can be trained, what still works."""
    return _WORK_AT_AN_END.get(snapshot.phase, ())


def idle_keys(snapshot: Snapshot) -> tuple[str, ...]:
    """The actions, here and on the screens over this one, that the key bar leaves out.

    After the end and after a divergence, those that train, before the first step, those that go
    back, and the next pace at the slowest and at full speed: they only say why they do nothing.
    After a divergence, going back helps at any step.
    """
    idle: tuple[str, ...] = _TRAINS if snapshot.phase in _WORK_AT_AN_END else ()
    idle += tuple(f"pace({by})" for by, at_end in _LAST_PACES.items() if snapshot.pace == at_end)
    idle += _GOES_BACK if snapshot.steps == 0 and snapshot.phase is not Phase.DIVERGED else ()
    return idle + tuple(f"app.steer('{action}')" for action in idle)
