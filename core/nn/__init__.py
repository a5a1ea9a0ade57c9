"""The network: layers, activations, loss, initializations, optimizers and schedules."""
