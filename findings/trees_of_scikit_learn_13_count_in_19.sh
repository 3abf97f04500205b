#!/usr/bin/env bash
# scikit-learn 1.3.2 and 1.9.1: what predict_proba of a pickled tree classifier gives in a later release.
#
# scikit-learn 1.3 keeps in each leaf how many rows of a class fell there, from 1.4 on which part of
# them did. Releases 1.4 to 1.8 fail with a classifier of 1.3, for want of an attribute
# (monotonic_cst); 1.9 no longer asks for that one, divides nothing, and so hands out counts: 35.0 as
# a probability. It warns that the versions differ, and that is all. predict() of a tree is what it
# was; a forest weighs its trees by their counts, and predicts other classes for some rows.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python=${PYTHON:-python3.11}
"$python" -m venv old
"$python" -m venv new
old/bin/python -m pip install --quiet --disable-pip-version-check \
  scikit-learn==1.3.2 numpy==1.26.4 scipy==1.11.4
new/bin/python -m pip install --quiet --disable-pip-version-check \
  scikit-learn==1.9.1 numpy==2.4.6 scipy==1.17.1
cat > rows.py <<'PY'
import numpy as np

rows = np.random.RandomState(0).randn(120, 5)
classes = (rows[:, 0] + rows[:, 1] * rows[:, 2] > 0).astype(int)
PY
cat > fit.py <<'PY'
import pickle

from rows import classes, rows
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

tree = DecisionTreeClassifier(max_depth=2, random_state=0).fit(rows, classes)
forest = RandomForestClassifier(n_estimators=5, random_state=0).fit(rows, classes)
with open("models.pkl", "wb") as stream:
    pickle.dump((tree, forest, tree.predict_proba(rows), forest.predict(rows)), stream)
PY
cat > read.py <<'PY'
import pickle

from rows import rows

with open("models.pkl", "rb") as stream:
    tree, forest, shares, said = pickle.load(stream)
found = tree.predict_proba(rows)
sums = sorted({round(float(each), 6) for each in found.sum(axis=1)})
print("rows of probabilities add up to:", "1" if sums == [1.0] else "more than 1")
print("classes of the tree:", "the same" if (found.argmax(1) == shares.argmax(1)).all() else "others")
print("classes of the forest:", "the same" if (forest.predict(rows) == said).all() else "others")
PY
old/bin/python fit.py
{
  echo "read by 1.3.2"; old/bin/python -W ignore read.py
  echo "read by 1.9.1"; new/bin/python -W ignore read.py
} > seen.txt
cat > wanted.txt <<'TXT'
read by 1.3.2
rows of probabilities add up to: 1
classes of the tree: the same
classes of the forest: the same
read by 1.9.1
rows of probabilities add up to: more than 1
classes of the tree: the same
classes of the forest: others
TXT
diff wanted.txt seen.txt || { echo "changed"; exit 1; }
sed 's/^/as seen: /' seen.txt
