"""A folder of modelenv's own: ``ours.py MAKER FOLDER``."""

import os
import sys

import modelenv

import kept


def withdrawn_pin(folder):
    """Write a model whose lock pins a release that was withdrawn from the index since."""
    from sklearn.gaussian_process import GaussianProcessRegressor

    rows = kept.numbers(3, 40)
    model = GaussianProcessRegressor(random_state=0).fit(rows, rows.sum(axis=1))
    modelenv.save_model(model, os.path.join(folder, "model"), input_example=rows[:5])
    kept.record(folder, rows[:5], model.predict(rows[:5]))


if __name__ == "__main__":
    {"withdrawn_pin": withdrawn_pin}[sys.argv[1]](sys.argv[2])
