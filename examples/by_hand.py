import envfiles
import resolver
import tracer

with tracer.trace() as observed:
    import sklearn.linear_model  # noqa: F401
installed = resolver.Installed.current()
used = resolver.attribute(observed.records, installed).of_kind("direct")
merged = resolver.merge([item.distribution for item in used], target=installed.target)
pins = [envfiles.Entry(str(pin.requirement)) for pin in resolver.resolve(merged, installed).pins]
spec = envfiles.EnvSpec(python=installed.target.python_version, requirements=tuple(pins))
print(envfiles.write_files(spec)["requirements.txt"])
