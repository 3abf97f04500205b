"""Commands that put models where they work: behind a server, into images."""
