"""Files that are not ours alone: temporary folders, and what strangers may have written."""
