"""Behaviour of models in production that their capture never saw: reported, counted, stored."""
