"""The help page: the keys, what each pane shows, what the numbers mean."""

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Markdown

_TEXT = """\
# fashion-tui

A network written in NumPy learns to tell ten kinds of garments apart, and you watch. Press
space to let it run; press s to see it learn from one batch; turn a dial in the settings.

## Steering

```text
space  F5    run, and pause (also on the way to a goal)
s      F10   train on one batch           S   on ten
e            train to the end of the epoch, then pause
b            one batch back               B   ten back
g            go to an epoch, a step, or a held-out accuracy
y            the branches of the run, and back to one of them
<  >         slow motion: 20, 5, 2, 1 batches a second; faster again
r            reset: new weights, with the settings in the form
t            score the test set
ctrl+z       take back the last change of a setting
x            the next step, taken apart; and back
F11    d     one stage of it on              D   one back
1 2 3 4      curves, confusion matrix, images, settings
5 6          the step taken apart; inside the network
Tab          next pane or field; Escape leaves it
f            the pane alone, as large as the window; Escape: back
n            what was said so far: toasts, changes, warnings
ctrl+p       all commands, and other colours
?      F1    this page
q  ctrl+c    quit
```

While you type in a field, letters and space go into the field; F5 and F10 work there too.
The mouse works as well: click a key at the bottom, a tab, a field, a chart, a cell, an image.

## Settings

Type a value and press Enter (or Tab). ↑ and ↓ take the next value, - and + too while nothing
was typed; in a list they take the next option, and Enter opens it. Most settings take effect at
the next batch, and a vertical line in the curves marks the place. Those with the sign ↻ need a
new network: they wait, marked with a star, until you press r. A value that cannot be used is
marked with !, with the reason, and training goes on with the last good one. Escape takes back
what you typed. Groups fold: Enter, ← and → on their headings.

## Curves

**Loss** is the mean cross-entropy in nats: how surprised the network is by the right answer.
**Accuracy** is the share of images it recognises. Each batch is measured before it is learnt
from: every batch faint, their running average (of about 50 batches) strong. The points are the
watched images: those held out for validation, or the test set if none are. Dotted lines are
the ends of epochs, full ones changes of settings. Below: the learning rate in force.

```text
l            loss on a logarithmic axis
w            the last 1,000 steps only
←  →         a cursor that reads the values; with shift: step by step
Home  End    first and last step; Escape removes the cursor
```

## Back in time

The line under the curves holds all steps of the run. A click on it, or the arrow keys while it has
them (with shift: step by step, Home, End), goes to any of them, exactly as it was; so do b, g, and
Enter at the cursor of a curve. All panes, and the settings, show the network there. Run on, and
the same steps come again, with the same numbers; but change a setting, and a new branch begins.
What was there before stays as a grey curve, and y leads back to it. When a run diverges, b goes to
the last step that was healthy.

## Confusion

Each row is a true class, each column what the network said. The diagonal is right, everything
else a mistake; recall is the share of a class that was recognised.

```text
arrows       a cursor that reads a cell in words
Enter        its images
%            counts, or percent of the row
```

## Images

At first the mistakes on the watched set, those it was surest about first, with the probabilities
it gave to both classes. In characters, the denser the brighter; in half-blocks, the true greys.

```text
arrows       choose one; PgUp and PgDn turn the page
Enter        enlarge it: probabilities, loss, how the verdict changed
m            mistakes, recognised ones, all
c  C         one class after the other
o            order: surest, greatest loss, index, shuffled
i            half-blocks or characters
Escape       all mistakes again
```

## Step

The step that comes next, before it happens, in stages: draw the batch, forward layer by layer,
loss, backward layer by layer, update. Each has its equations with the shapes of this network, what
came out in figures, and what it means. F11 goes one stage on; past the last, the step is made. The
run is never changed by being looked at.

```text
←  →         another image of the batch; PgUp and PgDn by ten
[  ]         at the update: another array; the arrows choose a weight of it
Home  End    first and last stage; so does a click
i            half-blocks or characters
x  Escape    back
```

**Saliency** is how much the loss of this image hangs on each pixel. **Update** is how far a step
moves the weights of a layer, as a power of ten of their size: about -3 is healthy.

## Network

Its layers on the next batch; its units as pictures of their weights; how its numbers lie over the
steps. A unit is **silent** if it gives 0 for all images of the batch, and **dead** if it does for
all training images.

```text
v            layers, units, histograms
↑ ↓  Enter   a layer, its units; Enter again: one unit alone
l            units of the next layer
o            largest weights, most active, dead and seldom, by number
m            histograms of weights, gradients or activations
i            half-blocks or characters
```

**Epoch**: once through all training images. **Step**: one batch. The test set is scored only
when you ask for it; nothing is tuned on it.
"""


class Help(ModalScreen[None]):
    """Over the panes; training goes on behind it."""

    BINDINGS = [Binding("escape,q,question_mark,f1", "leave", "Back", key_display="esc")]

    def compose(self) -> ComposeResult:
        with VerticalScroll():  # Markdown itself hears no keys
            yield Markdown(_TEXT)

    def action_leave(self) -> None:
        # A second press may arrive while the first is still closing it.
        if self.is_current:
            self.dismiss()

    def on_mount(self) -> None:
        page = self.query_one(VerticalScroll)
        page.border_title = "Help"
        page.border_subtitle = "↑ ↓ PgUp PgDn   Escape: back"
        page.focus()
