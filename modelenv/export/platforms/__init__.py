"""Formats of platforms that run models: Ray, dev containers, BentoML and MLServer."""
