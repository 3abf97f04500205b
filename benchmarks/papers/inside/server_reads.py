"""Print the pins that Ray, BentoML or MLServer find in a file of ours: ``server_reads.py FILE``."""

import os
import re
import sys

file = sys.argv[1]
name = os.path.basename(file)
if name == "bentofile.yaml":
    from bentoml._internal.bento.build_config import BentoBuildConfig

    config = BentoBuildConfig.from_file(file).with_defaults()
    python = config.python
    with open(os.path.join(os.path.dirname(file), python.requirements_txt)) as listed:
        lines = listed.read().splitlines()
    lines += [
        re.sub(r"-([^-]+)-.*", r"==\1", os.path.basename(each)) for each in python.wheels or ()
    ]
elif name == "model-settings.json":
    from mlserver.settings import ModelSettings

    settings = ModelSettings.parse_file(file)
    assert settings.implementation, settings
    assert settings.parameters.uri, settings
    with open(os.path.join(os.path.dirname(file), "requirements.txt")) as listed:
        lines = listed.read().splitlines()
else:
    import yaml
    from ray.runtime_env import RuntimeEnv

    with open(file) as text:
        environment = RuntimeEnv(**yaml.safe_load(text))
    lines = environment.pip_config().get("packages", [])
for line in lines:
    pin = re.match(r"[\w.-]+==[^\s;\\]+", line)
    if pin:
        print(pin[0])
