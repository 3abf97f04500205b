"""A model that needs nothing but Python."""


def predict(numbers: list[int]) -> list[int]:
    return [number * 2 for number in numbers]


model = predict
