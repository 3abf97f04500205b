"""Costs and quality of modelenv, measured against its peers."""
