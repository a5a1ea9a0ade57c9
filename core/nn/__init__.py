"""The network: layers, activations, loss, initialization and optimizers over one flat vector."""
