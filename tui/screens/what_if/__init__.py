"""What if the network were less: units, weights, worse images, confidence, and a map of them."""
