"""What starts a program in a seal: run by path, standard library only."""
