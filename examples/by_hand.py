from envfiles import Entry, EnvSpec, write_files
from resolver import Installed, attribute, merge, resolve
from tracer import trace

with trace() as observed:
    import sklearn.linear_model  # noqa: F401
here = Installed.current()
used = [item.distribution for item in attribute(observed.records, here).of_kind("direct")]
pins = [Entry(str(pin.requirement)) for pin in resolve(merge(used, target=here.target), here).pins]
spec = EnvSpec(python=here.target.python_version, requirements=tuple(pins))
print(write_files(spec)["requirements.txt"])
