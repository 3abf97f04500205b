"""What a saved model needs, written in the forms of other tools, each with what it cannot say."""
