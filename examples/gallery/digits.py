# /// script
# requires-python = ">=3.11"
# dependencies = ["keras", "jax"]
# [tool.uv]
# exclude-newer = "2026-11-28T00:00:00Z"
# ///
"""Digits by a small network: Keras, whose engine is named by an environment variable."""

import os

os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np

import modelenv

drawn = np.random.default_rng(0)
images = drawn.uniform(size=(200, 8, 8, 1)).astype("float32")
digits = (images.mean(axis=(1, 2, 3)) * 10).astype(int)
model = keras.Sequential(
    [
        keras.layers.Input((8, 8, 1)),
        keras.layers.Conv2D(4, 3, activation="relu"),
        keras.layers.GlobalAveragePooling2D(),
        keras.layers.Dense(10, activation="softmax"),
    ]
)
model.compile("adam", "sparse_categorical_crossentropy")
model.fit(images, digits, epochs=2, verbose=0)

saved = modelenv.save_model(model, "digits_model", input_example=images[:2], overwrite=True)
print(saved)
