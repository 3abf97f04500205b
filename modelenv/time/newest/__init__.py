"""The newest set of pins with which a model predicts what it did: searched, tried, explained."""
