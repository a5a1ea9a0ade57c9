"""The history of an enlarged image where no evaluation of it is kept."""

from canned import screen, text

from core.events import Branch, RunMoved
from core.history.prediction_history import PredictionHistory
from tui.panes.image_facts import ImageFacts


async def test_an_image_without_earlier_predictions_says_so():
    async with screen() as pilot:
        await pilot.press("3", "enter")
        await pilot.pause()
        assert "History: 4 evaluations" in text(pilot)
        training = pilot.app.screen_stack[0]
        for record in training._history._records:
            record.predictions = PredictionHistory()
        config = training.snapshot.config
        pilot.session.events += [RunMoved(0, None, config, 0, (Branch(0, None, 0, 35),))]
        training.fetch()
        pilot.app.screen.query_one(ImageFacts).redraw()  # as a change of the window does
        await pilot.pause()
        assert "History: no evaluation is kept up to here" in text(pilot)
