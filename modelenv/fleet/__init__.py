"""Operations on many models at once, and their results for each model and for all."""
