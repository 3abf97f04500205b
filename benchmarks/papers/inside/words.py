"""A model that needs little: it tells how hosts are written on the wire."""

import idna


def predict(hosts: list[str]) -> list[str]:
    return [idna.encode(host).decode() for host in hosts]


model = predict
