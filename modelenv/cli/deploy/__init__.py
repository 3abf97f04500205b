"""Commands for deployment: servers, images, cached environments."""
