"""The help page: what the panes show, what the numbers mean, and the keys."""

from textwrap import fill

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Markdown

from tui.screens.keys import KEYS

_WIDTH = 70  # of the lists of keys: they fit a window of 80 columns
_KEYS_WIDTH = 19

_PAGE = """\
# fashion-tui

A network written in NumPy learns to classify images of clothing. Press `space` to run it, `s` to
train on a single batch, and change any setting while it trains.

{anywhere}

In a number field, you can type only what a number can contain; all other keys keep their meaning.
The mouse works too: click a key at the bottom, a tab, a field, a point of a chart, a cell or an
image. The line at the top says what is going on, the one below it has the numbers: the mean over
the training images of this epoch so far, and the last evaluation. The **gap** is training accuracy
minus validation accuracy, in points.

When something goes wrong, the status line names it. Press `k` to open the coach: the numbers,
the reason, and a change that `Enter` makes. There, press `c` to set the coach to off, quiet or on.

## Settings

Type a value, or press an arrow key for the next one, then `Enter`. Until then nothing changes, and
`Escape` restores what was there. Most settings take effect at the next batch, and a vertical line
in the curves marks the change. Settings with ↻ need a new network: they stay pending, marked with
`*`, until you press `r`. An invalid value is marked with ! and a reason; training continues with
the last valid one. A folded group shows how many of its settings differ from the preset.

{settings}

## Learning rate

Press `F` to find a learning rate within seconds: a copy of the current network trains while the
rate grows with each batch. The run waits and does not change. Where the loss falls, the
rate is useful; where it rises again, it is too high.

{learning-rate finder}

## Sweep

Press `E` to train with several values of settings, each run kept, in processes of low priority.
The run on the screen continues and does not change. Enter values, or a range, beside the settings
to search. The trials are listed in a table, the best first, and drawn in a chart for each setting.
Press `N` to fill in five seeds: the same settings again, to see how much the accuracy varies. You
can close this screen while a sweep runs. If you quit the program, the sweep stops; to continue it
later, enter the name of its study.

{sweep}

## Curves

**Loss** is the mean cross-entropy in nats, **accuracy** the share of correctly classified
images. Faint dots are training batches, measured before the network learns from them. The strong
line is the average of the last 100 batches, or of the last epoch if it has fewer. Points are the
means of the epochs and the evaluations on the validation set, or on the test set if there are no
validation images. Dotted lines mark the ends of epochs, solid lines changes of settings, ✗ a
divergence. After the first epoch the initial drop is left out; press `h` to see it. The row below
is the learning rate.

{curves}

## Timeline

The line under the curves is the whole run, and you can go back to any step of it. Click it, use the
arrow keys, or press `b`, `g`, or `Enter` at the cursor of a chart. All panes and settings then show
that step exactly as it was.

Train from there, and the same steps follow with the same numbers. Change a setting, and a new
branch begins. The old future is kept as a branch: its curve stays, named by what was changed. Press
`y` to return to it. After a run diverges, press `b` to go to the last healthy step.

{timeline}

## Confusion matrix

Rows are true classes, columns predicted classes. The diagonal holds the correct predictions.
Recall is the share of a class that is predicted correctly.

{confusion matrix}

## Images

At first this pane shows the mistakes on the validation or test set, the most confident first.
Each has the probabilities of its predicted and its true class. Half-blocks show true grays; with
ASCII characters, denser means brighter.

{images}

Enlarged, an image shows all probabilities, its loss, and its prediction at earlier evaluations.

{enlarged image}

**Adversarial example**: every pixel is changed by the same number of gray levels, along the sign of
the gradient, until the network predicts another class. **Why**: yellow pixels raise the logit of a
class, blue ones lower it; below are the nearest training images, by their pixels and by the outputs
of the last hidden layer. **Best picture**: gradient ascent from gray to the picture with the
highest logit of a class.

{adversarial example, why, best picture}

## Data

Press `I` to see how many images each class has, their mean, and the images themselves, and how the
files were interpreted, also before the first step. Press `g` to find an image by its number: #45592
is a training image, test #12 and validation #3 are others. Press `d` to mark an image as doubtful;
the mark is kept. Press `l` to start a new run that leaves such images out. All others stay in the
set that they are in.

{data}

## Drawing board

Press `p` to open a board, blank or with the image selected in the images pane, and draw with the
mouse or the keys. After every stroke, also while the network trains, you see the probabilities of
all classes, the activity of the hidden units, a cell for each, and the saliency: how much each
pixel affects the prediction. The images of Fashion-MNIST are bright on black and fill most
of the frame; draw like them. Press `o` to put a picture file in place of the drawing. The run
itself does not change.

{drawing board}

## Step

The next training step before it happens: draw a batch, forward through each layer, loss, backward
through each layer, update. Each stage shows its equations with the shapes of this network, its
values and an explanation. Looking at a step does not change the run.

**Saliency** is how strongly each pixel affects the loss of an image. The **update** of a layer is
the size of its change relative to its weights, as a power of ten; about -3 is healthy.

At the update, press `v` to see the **loss along the step**: how the loss of the batch and of 1,000
validation images would change with a shorter or longer step, with dropout and augmentation as
in the step. If the lowest point is left of the step, the step is too long; if it is right of it,
too short.

{step}

## Network

Statistics of each layer on the next batch, the weights of each unit as a picture, or histograms
over the steps. A unit is **silent** if it outputs 0 for every image of the batch, and **dead** if
it does so for every training image.

At a unit, press `O` to see what the network would do without it: the accuracy, and the classes
whose recall drops. Switch off as many as you like; the run itself keeps them all. With the
order "largest accuracy drop first", the unit is first without which accuracy drops most.

{network}

## What if

Press `W` to see what the network would do with fewer units or weights, or on corrupted images. A
copy is measured on the validation or test images, between the training steps; only what is shown is
computed, and each chart says how long it took. While training runs, results are updated now and
then.

**Units** ranks all units by accuracy drop. **Weights** shows the accuracy with the smallest weights
set to 0, and with noise added to all weights. **Corrupted images** shows the accuracy with noise,
blur and so on, in five severities. **Confidence** compares the probability of the predicted class
with how often the prediction is right; the calibration error is their mean difference. The chart
next to it shows the accuracy if images below a confidence are rejected.

**Map** shows each image as a point, by its pixels or by the outputs of a layer, in the plane in
which they differ most (the first two principal components, turned so that the images stay where
they were). The character of a cell stands for its most frequent class. **Separation** is the share
of the variance that lies between the classes: 0 if they are mixed, 1 if each is a single point.

{what if}

## Runs

Every run that trained at least one step is kept. Press `R` to list the kept runs, also those that
train in other programs. The columns of settings are those that differ among the runs shown; * after
a value: changed by hand later, or on another branch. Press `Enter` to continue a run at its
current step, with its full history. A run that is open in another program opens as a copy,
which is kept as a run of its own if you train it.

The filter takes words (`adam`, `star`, a name) and terms: `acc`, `last` and `test` (accuracies),
`steps`, `trained` (epochs), `speed`, `parameters` or a setting, with >, >=, <, <=, = or !=, and
`name:`, `note:`, `data:`, `state:` or a setting with a text.

{runs}

For marked runs, press `c` to see the curves in one chart, a color and a sign for each run, and the
settings that differ. For two runs it also shows the second confusion matrix minus the first, blue
where the second run is better and red where it is worse, and the images that only one of them gets
right, with **p(true)**, the probability of the true class.

{comparison}

## Dialogs

{dialogs}

An **epoch** is one pass through the training images, a **step** one batch. The test set is scored
only when you press `t`, unless there are no validation images; no setting is tuned on it.
"""


class Help(ModalScreen[None]):
    """The help page over the panes; training continues behind it.

    section: show only that with this heading.
    """

    BINDINGS = [Binding("escape,q,question_mark,f1", "leave", "Close", key_display="esc")]

    def __init__(self, section: str = "") -> None:
        super().__init__()
        self._section = section

    def compose(self) -> ComposeResult:
        with VerticalScroll():  # Markdown itself cannot have the focus
            yield Markdown(page(self._section))

    def action_leave(self) -> None:
        # A second key press may arrive before the screen is closed.
        self.dismiss()

    def on_mount(self) -> None:
        container = self.query_one(VerticalScroll)
        container.border_title = f"Help: {self._section}" if self._section else "Help"
        container.border_subtitle = "↑ ↓ PgUp PgDn   Escape: close"
        container.focus()


def page(section: str = "") -> str:
    """Returns the page, or the section with this heading, in Markdown."""
    text = _PAGE
    if section:
        text = _PAGE.partition(f"## {section}\n")[2].partition("\n## ")[0]
    return text.format(**{place: _key_list(place) for place in KEYS})


def _key_list(place: str) -> str:
    lines = [
        fill(
            text,
            _WIDTH,
            initial_indent=keys.ljust(_KEYS_WIDTH),
            subsequent_indent=" " * _KEYS_WIDTH,
        )
        for keys, text in KEYS[place]
    ]
    return "\n".join(["```text", *lines, "```"])
