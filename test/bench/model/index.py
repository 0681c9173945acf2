"""Imports that take a while, as those of a model do."""

import os
import time

import sklearn.ensemble
import sklearn.feature_extraction.text
import sklearn.linear_model  # noqa: F401

names = []


def apply(seconds):
    """Takes its time, and tells which worker it was: behind walls their process ids are all the same."""
    if not names:
        names.append(os.urandom(8).hex())
    time.sleep(seconds)
    return names[0]
