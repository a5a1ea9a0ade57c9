"""What a run recorded: events in, curves and an immutable snapshot out."""
