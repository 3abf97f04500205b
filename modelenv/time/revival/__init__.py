"""The rules that revive an old model."""
