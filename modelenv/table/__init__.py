"""Table values between processes: described, held in raw buffers, and made from incoming rows."""
