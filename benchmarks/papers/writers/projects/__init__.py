"""What builds projects."""
