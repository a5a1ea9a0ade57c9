"""The keys and what they do, by the place where they work.

The help page and the README's table are made from this list; a test compares it with the
bindings of the screens and panes.
"""

from textual.binding import Binding

_NAMES = {
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
    "tab": "Tab",
    "enter": "Enter",
    "escape": "Escape",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "question_mark": "?",
    "percent_sign": "%",
    "slash": "/",
    "comma": ",",
    "full_stop": ".",
    "colon": ":",
    "left_parenthesis": "(",
    "right_parenthesis": ")",
    "asterisk": "*",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
}


def key_names(binding: Binding) -> str:
    """Returns the keys of a binding, as the list below writes them: "d or F11", "shift+←"."""
    names = []
    for key in binding.key.split(","):
        *modifiers, last = key.split("+")
        name = last.upper() if last[1:].isdigit() else _NAMES.get(last, last)  # F11
        names.append("+".join((*modifiers, name)))
    return " or ".join(names)


KEYS: dict[str, tuple[tuple[str, str], ...]] = {
    "anywhere": (
        ("space F5", "run or pause"),
        ("s F10", "train on one batch and show the network after it"),
        ("S", "train on ten batches"),
        ("e", "train to the end of the epoch, then pause"),
        ("b", "go one step back"),
        ("B", "go ten steps back"),
        ("R", "kept runs: continue, compare, rename or delete one"),
        ("y", "list the branches of the run and switch to one"),
        ("g", "go to an epoch or a step, or train until an accuracy is reached"),
        ("<", "slow motion: 20, 5, 2, then 1 batch per second"),
        (">", "faster, up to full speed"),
        ("r", "restart: new weights, with the settings in the form"),
        ("t", "score the test set"),
        ("u ctrl+z", "undo the last change of a setting"),
        ("x", "open or close the step view: a trace of the next step, stage by stage"),
        ("d F11", "next stage of that step; after the last one, train on its batch"),
        ("D", "previous stage of that step"),
        ("1 2 3 4", "curves, confusion matrix, images, settings"),
        ("5 6", "step, network"),
        ("Tab shift+Tab", "next or previous pane or field"),
        ("Escape", "leave the pane"),
        ("f", "show the pane full screen, or all panes again"),
        ("n", "message log: toasts, changes of settings, warnings"),
        (": ctrl+p", "command palette: all commands, settings and color themes"),
        ("/", "search the settings; dropout 0.2 sets a value"),
        ("? F1", "help"),
        ("q ctrl+c", "quit"),
    ),
    "settings": (
        ("↑ ↓", "next value up or down; in a list, the previous or next option"),
        ("← →", "the same in a list; on a heading, fold or unfold the group"),
        ("+ -", "next value up or down, before you type"),
        ("Enter", "apply the value; in a list, open it; on a heading, fold or unfold"),
        ("Escape", "discard what you typed"),
    ),
    "curves": (
        ("l", "logarithmic loss axis"),
        ("w", "the whole run, or the last 1,000 steps"),
        ("← →", "move a cursor that reads the values at a step"),
        (", .", "move it one step at a time"),
        ("shift+← shift+→", "the same"),
        ("ctrl+← ctrl+→", "the same"),
        ("( ) Home End", "move it to the first or last step"),
        ("Enter", "go to the step of the cursor"),
        ("Escape", "remove the cursor"),
    ),
    "timeline": (
        ("← →", "go back or forward along the run"),
        (", .", "go one step back or forward"),
        ("shift+← shift+→", "the same"),
        ("ctrl+← ctrl+→", "the same"),
        ("( ) Home End", "go to the first or last step of the branch"),
    ),
    "confusion matrix": (
        ("↑ ↓ ← →", "move a cursor that describes a cell"),
        ("Enter", "show the images of the cell"),
        ("%", "counts, or percent of the row"),
    ),
    "images": (
        ("↑ ↓ ← →", "select an image"),
        ("PgUp PgDn", "previous or next page"),
        ("( ) Home End", "first or last image"),
        ("Enter", "enlarge it"),
        ("m", "mistakes, correct images, or all"),
        ("c C", "next or previous class, or all classes"),
        ("o", "sort by confidence, loss or index, or shuffle"),
        ("i", "half-blocks or ASCII characters"),
        ("Escape", "all mistakes again"),
    ),
    "enlarged image": (
        ("← →", "previous or next image"),
        ("i", "half-blocks or ASCII characters"),
        ("space F5 s F10 e b", "run, pause and step, as on the main screen"),
        ("Escape Enter q", "close it"),
    ),
    "step": (
        ("← →", "previous or next image of the batch; at the update, another column of weights"),
        ("PgUp PgDn", "ten images, or columns, back or forward"),
        ("shift+← shift+→", "the same"),
        ("↑ ↓", "scroll; at the update, another row of weights"),
        (", . [ ]", "at the update, the previous or next array of parameters"),
        ("( ) Home End", "first or last stage"),
        ("i", "half-blocks or ASCII characters"),
    ),
    "network": (
        ("v", "layers, units or histograms"),
        ("↑ ↓ ← →", "select a layer or a unit"),
        ("PgUp PgDn", "previous or next page of units"),
        ("( ) Home End", "first or last unit"),
        ("Enter", "open the units of the layer, then one unit alone, then all units again"),
        ("Escape", "from one unit back to all units"),
        ("l", "units of the next layer"),
        ("o", "order of the units: largest weights, most active, least active, by number"),
        ("m", "histograms of weights, gradients or activations"),
        ("i", "half-blocks or ASCII characters"),
    ),
    "runs": (
        ("Enter", "continue the run, or a copy if it is open elsewhere; the current one is kept"),
        ("space", "mark or unmark the run, up to six"),
        ("c", "compare the marked runs"),
        ("s S", "sort by the next or previous column; a click on its title does it, too"),
        ("o", "reverse the order"),
        ("( ) Home End", "first or last run"),
        ("/", "filter by words and terms, such as adam acc>0.88"),
        ("*", "give the run a star, or take it away"),
        ("r", "rename the run"),
        ("n", "write a note on the run"),
        ("e", "export the run to a directory or a file"),
        ("y", "copy the command that makes the run again"),
        ("d", "start a new run with the settings that this one ended with"),
        ("delete backspace", "delete the run"),
        ("u", "restore the run that was deleted last, until the program ends"),
        ("? F1", "what this screen shows, and its keys"),
        ("Escape q R", "close; Escape in the filter clears it"),
    ),
    "comparison": (
        ("x", "curves over steps, epochs, images or seconds"),
        ("v", "next pane"),
        ("1 2 3 4 5", "accuracy, loss, settings, confusion matrices, images"),
        ("← → ↑ ↓", "move the cursor of a curve, the matrix or the images"),
        ("PgUp PgDn", "previous or next page of images"),
        ("( ) Home End", "first or last image"),
        ("Enter", "enlarge the image"),
        ("m", "images that only the other run gets right"),
        ("i", "half-blocks or ASCII characters"),
        ("? F1", "what this screen shows, and its keys"),
        ("Escape q c", "close"),
    ),
    "dialogs": (
        ("Escape", "close the dialog"),
        ("q", "close help, the message log or the list of branches"),
        ("? F1 n y", "the key that opened help, the message log or the list closes it"),
        ("Enter", "in go to, go; in the list, switch to the branch; in the log, close it"),
        ("y n", "in a question, yes or no"),
    ),
}
