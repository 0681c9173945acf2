"""
Makes model.pkl from the data set that scikit-learn ships. To train again, after
`npx applyd install ml/IrisClassifier`, in this folder: .venv/bin/python train.py
"""

import pickle
from pathlib import Path

from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

iris = load_iris()
species = iris.target_names[iris.target]
model = make_pipeline(StandardScaler(), LogisticRegression())
accuracy = cross_val_score(model, iris.data, species).mean()
model.fit(iris.data, species)
Path(__file__).with_name("model.pkl").write_bytes(pickle.dumps(model))
print(f"of flowers that it was not shown, it knows {accuracy:.0%}")
