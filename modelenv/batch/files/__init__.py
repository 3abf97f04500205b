"""Files of rows that are larger than memory: read, predicted and written part by part."""
