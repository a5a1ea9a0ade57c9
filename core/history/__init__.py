"""The record of a run: events go in, curves and an immutable snapshot come out."""
