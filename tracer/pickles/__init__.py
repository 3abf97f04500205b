"""What pickles name, read from their opcodes; nothing is unpickled."""
