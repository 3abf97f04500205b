"""The pages that tell what the server takes and gives."""
