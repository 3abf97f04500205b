"""Touches of models in production that no capture saw: reported, counted, stored."""
