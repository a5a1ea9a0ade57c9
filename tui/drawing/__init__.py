"""Pure drawing functions: arrays and numbers to lines of text. Tested without an app."""
