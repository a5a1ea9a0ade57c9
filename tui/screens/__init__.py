"""The training screen and the dialogs over it."""
