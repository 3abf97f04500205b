"""The distribution version that makes two sets of pins predict differently."""
