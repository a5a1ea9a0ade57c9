"""A pane that is drawn line by line."""

from textual.app import App
from textual.strip import Strip

from tui.panes.line_pane import LinePane


class Column(LinePane):
    DEFAULT_CSS = "Column { border: round white; overflow-y: auto; width: 1fr; height: 1fr; }"

    def on_mount(self):
        self.sizes = []

    def draw(self, width, height):
        self.sizes.append((width, height))
        return [Strip([])] * 20


class ColumnApp(App):
    def compose(self):
        yield Column("column")


async def test_it_is_drawn_only_where_there_is_room_for_a_character():
    async with ColumnApp().run_test(size=(40, 30)) as pilot:
        pane = pilot.app.query_one(Column)
        for size in ((40, 10), (4, 10), (3, 10), (2, 10), (40, 2), (1, 1), (40, 30)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            pane.redraw()
            await pilot.pause()
        assert (38, 28) in pane.sizes
        assert min(width for width, _ in pane.sizes) > 0
        assert min(height for _, height in pane.sizes) > 0


async def test_a_scroll_bar_of_the_lines_before_a_resize_is_gone_when_the_new_ones_are_drawn():
    """As when the images become wider while the help lies over them: a column would be lost."""
    async with ColumnApp().run_test(size=(40, 12)) as pilot:
        pane = pilot.app.query_one(Column)
        await pilot.pause()
        assert pane.show_vertical_scrollbar  # 20 lines in 10
        pane.draw = lambda width, height: [Strip.blank(width)] * height
        pane.on_resize()
        pane.render_line(0)  # it is painted before the window is laid out again
        await pilot.pause()
        assert not pane.show_vertical_scrollbar
        assert pane.scrollable_content_region.width == 38
