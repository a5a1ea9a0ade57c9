"""The network pane: layers, units and histograms."""
