"""The styles that the apps of the tests share are those that Textual gives to each app."""

from collections import Counter

import canned
import shared_styles
from textual.css import stylesheet


def styles(app):
    """The styles of every widget of the screen and of its parts."""
    nodes = [app.screen, *app.screen.walk_children()]
    whole = {(node, ""): node.styles for node in nodes}
    parts = {
        (node, part): node._component_styles[part]
        for node in nodes
        for part in node._get_component_classes()
    }
    return {key: dict(found.base._rules) for key, found in (whole | parts).items()}


async def test_in_any_state_every_widget_has_the_styles_that_textual_gives_it(monkeypatch):
    async with canned.screen(size=(80, 24)) as pilot:
        for key in ("1", "tab", "4", "f", "question_mark"):
            await pilot.press(key)
            pilot.app.screen.update_node_styles(animate=False)
            shared = styles(pilot.app)
            with monkeypatch.context() as patch:
                for name, method in shared_styles.OF_TEXTUAL.items():
                    patch.setattr(shared_styles.Stylesheet, name, method)
                for node, _ in shared:
                    pilot.app.stylesheet.apply(node)
                assert styles(pilot.app) == shared


async def test_the_program_parses_each_style_sheet_once_although_it_shares_none(monkeypatch):
    parsed = Counter()

    def parse(scope, css, *others, **options):
        parsed[scope, css, options["tie_breaker"]] += 1
        return of_textual(scope, css, *others, **options)

    of_textual = stylesheet.parse
    monkeypatch.setattr(stylesheet, "parse", parse)
    for name, method in shared_styles.OF_TEXTUAL.items():
        monkeypatch.setattr(shared_styles.Stylesheet, name, method)
    async with canned.screen(size=(80, 24)) as pilot:
        await pilot.press("question_mark")
        await pilot.press("escape")
    assert parsed
    assert max(parsed.values()) == 1
