"""What the command palette finds besides the keys: settings with values, presets, goals, themes."""

import os
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.markup import escape

from core.directories import expanded
from core.errors import ConfigError
from core.goals import Goal
from core.image_place import ImagePlace
from core.text import capitalized
from tui.data_arguments import path_and_reading
from tui.panes.settings.draft import PRESET
from tui.panes.settings.search import assignment, matching
from tui.preferences import kept, remember
from tui.screens.coach_levels import MEANINGS as COACH_MEANINGS

if TYPE_CHECKING:
    from tui.screens.training.screen import TrainingScreen

_FIRST, _EXACT, _FOUND = 1e6, 2.0, 0.3  # scores; those of the keys rise with what is typed


class RunCommands(Provider):
    """Commands that depend on what is typed, such as "dropout 0.2" or "go to epoch 5"."""

    @property
    def _training(self) -> "TrainingScreen":
        screen: Any = self.screen
        return screen

    async def discover(self) -> Hits:
        """Yields the values and goals that were typed last, and says what else can be typed."""
        for text in kept(self._training).commands:
            is_value, typed = text.startswith("Set "), text.removeprefix("Set ")
            hits = self._value(typed.replace(" to ", " ", 1)) if is_value else self._goal(text)
            for hit in hits:
                if str(hit.text) == text:
                    yield DiscoveryHit(text, hit.command, help=hit.help)
        text = "Type a setting with a value, such as dropout 0.2, to change it"
        also = "also: preset best, step 1200, epoch 5, 85%, #45592, data PATH, picture PATH"
        yield DiscoveryHit(text, _nothing, help=also)

    async def search(self, query: str) -> Hits:
        """Yields what the query means for the run."""
        for hit in (
            *self._value(query),
            *self._goal(query),
            *self._image(query),
            *self._data(query),
            *self._picture(query),
            *self._choices(query),
            *self._settings(query),
        ):
            yield hit

    def _value(self, query: str) -> Iterable[Hit]:
        """A setting with a value."""
        found = assignment(query)
        if found is None:
            return
        setting, text = found
        try:
            value = setting.parse(text)
        except ConfigError as error:
            yield _hit(_EXACT, capitalized(str(error)), partial(self._show, setting.name))
            return
        when = (
            "takes effect when you press r"
            if setting.applies == "restart"
            else "takes effect at the next batch"
        )
        yield _hit(
            _EXACT,
            f"Set {setting.label} to {setting.write(value)}",
            partial(self._training.enter, setting.name, value),
            f"now {setting.write(self._training.draft[setting.name])}; {when}",
        )

    async def _show(self, name: str) -> bool:
        """Shows the setting that a wrong value was typed for; it has changed nothing."""
        await self._training.find(name)
        return False

    def _goal(self, query: str) -> Iterable[Hit]:
        """A step, an epoch or an accuracy."""
        try:
            goal = Goal.parse(query.lower().removeprefix("go to ").strip())
        except ConfigError:
            return
        yield _hit(_EXACT, f"Go to {goal}", partial(self._training.go_to, goal))

    def _image(self, query: str) -> Iterable[Hit]:
        """An image by its number."""
        place = ImagePlace.parse(query.lower().removeprefix("go to ").strip())
        if place is not None:
            yield _hit(_EXACT, f"Enlarge {place}", partial(self._training.go_to, place))

    def _picture(self, query: str) -> Iterable[Hit]:
        """A picture file for the drawing board."""
        word, _, path = query.strip().partition(" ")
        if word.lower() in ("picture", "draw") and path:
            file, score = expanded(path.strip()), _score(path.strip())
            title = f"Draw on the picture {path}"
            how = "converted to grayscale and resized"
            yield _hit(score, title, partial(self._training.draw_file, file), how)

    def _data(self, query: str) -> Iterable[Hit]:
        """A directory or file with other data."""
        word, _, text = query.strip().partition(" ")
        if word.lower() != "data" or not text:
            return
        try:
            path, reading = path_and_reading(text)
        except ConfigError as error:
            yield _hit(_EXACT, capitalized(str(error)), _nothing)
            return
        options = [f"{name} {value}" for name, value in reading.as_dict().items()]
        command = partial(self._training.open_data, expanded(path), reading)
        about = ", ".join([*options, "in a new run"])
        yield _hit(_score(path), f"Open the data in {path}", command, about)

    def _choices(self, query: str) -> Iterable[Hit]:
        """Presets, themes and how much the coach says."""
        draft, app = self._training.draft, self._training.app
        named = [
            (f"Preset: {name}", preset.description, partial(self._training.enter, PRESET, name))
            for name, preset in draft.presets.items()
        ] + [
            (f"Theme: {name}", "colors", partial(setattr, app, "theme", name))
            for name in sorted(app.available_themes)
        ]
        named += [
            (f"Coach: {level}", meaning, partial(remember, self._training, coach=level))
            for level, meaning in COACH_MEANINGS.items()
        ]
        matcher = self.matcher(query)
        for title, about, command in named:
            score = matcher.match(title)
            if score > 0:
                yield _hit(score, title, command, about)

    def _settings(self, query: str) -> Iterable[Hit]:
        """Settings by words of their description."""
        for place, setting in enumerate(matching(query)):
            value = setting.write(self._training.draft[setting.name])
            yield _hit(
                _FOUND / (1 + place),
                f"Setting: {setting.label} ({value})",
                partial(self._training.find, setting.name),
                setting.meaning.partition(". ")[0],
            )


def _score(path: str) -> float:
    """The score of what is done with a path: first of all, if it is or looks like one."""
    is_path = any(mark in path for mark in "/\\.~") or os.path.exists(path)
    return _FIRST if is_path else _EXACT


def _nothing() -> bool:
    """What a line that only says something does; False: it is not remembered."""
    return False


def _hit(score: float, title: str, command: Callable[[], Any], about: str = "") -> Hit:
    """A hit whose texts are not taken as markup: the name of a preset may look like it."""
    return Hit(score, Content(title), command, help=escape(about) or None)
