# /// script
# requires-python = ">=3.11"
# dependencies = ["pulp"]
# [tool.uv]
# exclude-newer = "2026-11-28T00:00:00Z"
# ///
"""The cheapest meals that feed somebody: a model of rules, solved by a program that PuLP starts."""

import pulp

import modelenv


class Diet:
    """Prices of foods -> how much of each to buy; what each holds is known."""

    def __init__(self, holds: dict[str, dict[str, float]], needs: dict[str, float]) -> None:
        self.holds = holds
        self.needs = needs

    def predict(self, prices: list[dict[str, float]]) -> list[dict[str, float]]:
        return [self._cheapest(each) for each in prices]

    def _cheapest(self, prices: dict[str, float]) -> dict[str, float]:
        problem = pulp.LpProblem("diet", pulp.LpMinimize)
        grams = {food: pulp.LpVariable(food, 0, 10, "Integer") for food in self.holds}
        problem += pulp.lpSum(prices[food] * amount for food, amount in grams.items())
        for nutrient, least in self.needs.items():
            problem += (
                pulp.lpSum(self.holds[food][nutrient] * amount for food, amount in grams.items())
                >= least
            )
        problem.solve(pulp.PULP_CBC_CMD(msg=False))
        return {food: amount.value() for food, amount in grams.items()}


model = Diet(
    {
        "oats": {"energy": 3.9, "protein": 0.17},
        "beans": {"energy": 1.3, "protein": 0.09},
        "oil": {"energy": 9.0, "protein": 0.0},
    },
    {"energy": 20.0, "protein": 0.6},
)
example = [{"oats": 2.0, "beans": 1.0, "oil": 3.5}, {"oats": 1.0, "beans": 4.0, "oil": 9.0}]
saved = modelenv.save_model(model, "diet_model", input_example=example, overwrite=True)
print(saved)
