"""What files say of others, read from files that anybody may have made."""
