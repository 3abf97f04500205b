"""Environments that are given: an image's own, and packed ones, which are unpacked once."""
