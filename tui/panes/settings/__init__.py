"""The settings pane: a form with a field for each hyperparameter."""
