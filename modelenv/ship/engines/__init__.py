"""Builders of images, behind one Protocol: docker, podman, buildah."""
