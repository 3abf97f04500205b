"""Where models run: servers, images, the environments that are kept."""
