"""The help page: the keys, what each pane shows, what the numbers mean."""

from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import ModalScreen
from textual.widgets import Markdown

_TEXT = """\
# fashion-tui

A network written in NumPy learns to tell ten kinds of garments apart, and you watch.

## Keys

```
space  F5    run, and pause
s      F10   train on one batch
e            train to the end of the epoch, then pause
r            reset: new weights from the seed, with the settings in the form
t            score the test set
1 2 3 4      curves, confusion matrix, mistakes, settings
Tab          next pane or field; Escape leaves it
← →          in the mistakes: previous and next page
ctrl+p       all commands, and other colours
?      F1    this page
q            quit
```

While you type in a field, letters and space go into the field; F5 and F10 work there too.

## Settings

Type a value and press Enter (or Tab). Most take effect at the next batch, and a vertical line
in the curves marks the place. What needs a new network (its layers, first weights, data, seed)
waits, marked with a star, until you press r. A value that cannot be used is marked, with the
reason, and training goes on with the last good one. Escape takes back what you typed. Rest the
mouse on a field to read what it means.

## What you see

**Loss** is the mean cross-entropy in nats: how surprised the network is by the right answer.
**Accuracy** is the share of images it recognises. Blue is training, on each batch before it is
learnt from: every batch faint, their running average (of about 50 batches) strong. The orange
points are the watched images: those held out for validation, or the test set if none are.

**Confusion**: each row is a true class, each column what the network said. The diagonal is
right, everything else a mistake; recall is the share of a class that was recognised.

**Mistakes** are images of the watched set that were taken for something else, those it was
surest about first, with the probabilities it gave to both classes.

**Epoch**: once through all training images. **Step**: one batch. The test set is scored only
when you ask for it; nothing is tuned on it.
"""


class Help(ModalScreen[None]):
    """Over the panes; training goes on behind it."""

    BINDINGS = [Binding("escape,q,question_mark,f1", "leave", "Back", key_display="esc")]

    def compose(self) -> ComposeResult:
        yield Markdown(_TEXT)

    def action_leave(self) -> None:
        # A second press may arrive while the first is still closing it.
        if self.is_current:
            self.dismiss()

    def on_mount(self) -> None:
        markdown = self.query_one(Markdown)
        markdown.border_title = "Help"
        markdown.border_subtitle = "Escape: back"
        markdown.can_focus = True
        markdown.focus()
