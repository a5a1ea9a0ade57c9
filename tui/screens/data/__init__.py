"""The data view: classes, mean images, samples, and images that are doubtful."""
