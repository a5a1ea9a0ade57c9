"""The images: files to uint8 arrays, splits, batches and augmentation."""
