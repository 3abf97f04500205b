"""The program that starts another one in a seal: run by path, standard library only."""
