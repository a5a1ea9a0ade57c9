"""What if: units, weights, worse images, confidence, and a map of the images."""
