"""What is said of an answer: the account of a choice, the sentences of a conflict."""
