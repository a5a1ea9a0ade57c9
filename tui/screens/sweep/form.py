"""The form of a sweep: what to search, how, and how many runs that makes."""

from collections.abc import Callable
from functools import partial

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Button, Input, Static

from core.config.config import Config
from core.data.dataset import Dataset
from core.errors import ConfigError
from core.experiments.proposals import proposed
from core.experiments.search_space import SAMPLERS
from core.experiments.study_plan import TRIALS
from core.experiments.sweep_request import SweepRequest
from tui.delay import call_after
from tui.screens.sweep.draft import (
    AUTOMATIC,
    SEARCHED,
    SweepDraft,
    Where,
    about,
    check_option,
    check_values,
    estimate,
    plain,
    planned,
)
from tui.screens.sweep.entry import EntryRow, OptionRow, SettingRow

_NAMED = 5  # studies
_DELAY = 0.15  # seconds after a key, before the plan is checked
_WHAT = (
    "Beside a setting, enter values such as 0.001,0.003,0.01 or a range such as 0..0.5; space "
    "proposes some."
)


class StartButton(Button):
    """Starts the sweep."""

    HINT = "Enter start the sweep  ↑ options"
    BINDINGS = [Binding("up", "app.focus_previous", "Previous field", show=False)]


class SweepForm(Horizontal):
    """The fields of a draft.

    base: the settings in the form of the main screen. dataset: in memory, if it is there.
    images, speed, epoch_seconds: see `estimate`.
    """

    class StartRequested(Message):
        """Asks to start the sweep."""

        def __init__(self, request: SweepRequest) -> None:
            super().__init__()
            self.request = request

    def __init__(
        self,
        draft: SweepDraft,
        base: Config,
        where: Where,
        dataset: Dataset | None,
        images: int,
        speed: Callable[[], float],
        epoch_seconds: Callable[[], float | None],
    ) -> None:
        super().__init__(id="sweep-form")
        self._draft, self._base, self._where = draft, base, where
        self._dataset, self._images = dataset, images
        self._speed, self._epoch_seconds = speed, epoch_seconds
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="sweep-what", can_focus=False) as what:
            what.border_title = "What to search"
            what.border_subtitle = "setting   value now   values or a range"
            for setting in SEARCHED:
                value = getattr(self._base, setting.name)
                yield EntryRow(
                    setting.option,
                    setting.label,
                    self._draft.texts.get(setting.name, ""),
                    partial(check_values, setting),
                    setting.meaning,
                    value=setting.write(value),
                    example=proposed(setting, value),
                    offers=True,
                )
        with Vertical(id="sweep-how") as how:
            how.border_title = "How"
            yield from self._options()
            yield Static(id="sweep-plan", markup=False)
            yield StartButton("Start", id="sweep-start", compact=True)
            yield Static(_WHAT, id="sweep-about", markup=False)

    def _options(self) -> ComposeResult:
        draft, base = self._draft, self._base
        yield OptionRow(
            "sampler",
            "sampler",
            [(name, name) for name in (AUTOMATIC, *SAMPLERS)],
            draft.sampler,
            "grid trains all combinations; random draws them; tpe draws mostly near good "
            "results. automatic is a grid, or tpe if there is a range.",
        )
        for name, example, meaning in (
            ("trials", f"{TRIALS} (grid: all)", "How many runs random and tpe train in all."),
            ("epochs", f"{base.epochs}", "Epochs of each run."),
            ("jobs", "1", "Runs that train at a time, each in a process of low priority."),
            ("study", "a new name", self._about_studies),
        ):
            yield EntryRow(
                name + "-",
                name,
                getattr(draft, name),
                partial(check_option, name),
                meaning,
                example=example,
                known=self._where.studies if name == "study" else (),
                is_free=name == "study",
            )
        yield OptionRow(
            "prune",
            "prune",
            [("no", False), ("yes", True)],
            draft.prune,
            "End a run early if, from its second epoch on, its best accuracy is below the median "
            "of at least five earlier trials.",
        )

    @property
    def _about_studies(self) -> str:
        text = "A name for the study. An existing study continues if nothing else is entered"
        known = ", ".join(self._where.studies[:_NAMED])
        return f"{text}: {known}." if known else f"{text}."

    def on_mount(self) -> None:
        self.describe_plan()

    @on(EntryRow.Changed)
    def _take_text(self, event: EntryRow.Changed) -> None:
        event.stop()
        name = event.row.name or ""
        if name.endswith("-"):
            setattr(self._draft, name[:-1], event.text)
        else:
            self._draft.texts[name.replace("-", "_")] = event.text
        self.refresh_bindings()  # the key bar says what space does
        self._explain()
        self._update_soon()

    @on(OptionRow.Changed)
    def _take_option(self, event: OptionRow.Changed) -> None:
        event.stop()
        setattr(self._draft, event.row.name or "", event.value)
        self._update_soon()

    def on_descendant_focus(self) -> None:
        self._explain()

    @on(Input.Submitted)
    def _go_to_start(self, event: Input.Submitted) -> None:
        event.stop()
        self.query_one("#sweep-start").focus()

    @on(Button.Pressed)
    def _start(self, event: Button.Pressed) -> None:
        event.stop()
        try:
            request = self._request()
            planned(request, self._dataset)
        except ConfigError as error:
            self._say(plain(error), fault=True)
            return
        self.post_message(self.StartRequested(request))

    def _request(self) -> SweepRequest:
        return self._draft.request(self._base, self._where)

    @property
    def _row(self) -> SettingRow | None:
        """The row with the focus."""
        focused = self.screen.focused
        nodes = focused.ancestors_with_self if focused else []
        return next((node for node in nodes if isinstance(node, SettingRow)), None)

    def _explain(self) -> None:
        """Says what the field with the focus means."""
        row = self._row
        self.query_one("#sweep-about", Static).update(row.about if row else _WHAT)

    def _update_soon(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._timer = call_after(self, _DELAY, self.describe_plan)

    def describe_plan(self) -> None:
        """Says how many runs the sweep has, or why it cannot start."""
        try:
            request = self._request()
            plan = planned(request, self._dataset)
        except ConfigError as error:
            fault = self._row.fault if self._row else ""  # that of this field first
            is_fault = bool(self._draft.searched or fault)
            self._say(fault or plain(error), fault=is_fault)
            return
        speeds = self._speed(), self._epoch_seconds()
        parts = about(plan, request), estimate(plan, request, self._images, *speeds)
        self._say("\n".join(filter(None, parts)), fault=False)

    def _say(self, text: str, fault: bool) -> None:
        plan = self.query_one("#sweep-plan", Static)
        plan.set_class(fault, "-fault")
        plan.update(text)
        start = self.query_one(StartButton)
        if start.has_focus:  # a longer text may move it out of a small window
            self.call_after_refresh(start.scroll_visible, animate=False)
