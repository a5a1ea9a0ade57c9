"""The data: reads image files, splits them and makes batches."""
