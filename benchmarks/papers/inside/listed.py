"""Print what is installed beside this interpreter: versions, or `@ URL` (PEP 610), as JSON."""

import json
import re
from importlib.metadata import Distribution, distributions


def _stated(distribution: Distribution) -> str:
    text = distribution.read_text("direct_url.json")
    if not text:
        return distribution.version
    said = json.loads(text)
    vcs = said.get("vcs_info")
    if vcs:
        return f"@ {vcs['vcs']}+{said['url']}@{vcs['commit_id']}"
    return f"@ {said['url']}"


found = {
    re.sub(r"[-_.]+", "-", each.metadata["Name"]).lower(): _stated(each) for each in distributions()
}
print(json.dumps(dict(sorted(found.items()))))
