"""Forecasts of monthly series."""
