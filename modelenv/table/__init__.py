"""Table values between processes: described once, as raw buffers, made from rows that come in."""
