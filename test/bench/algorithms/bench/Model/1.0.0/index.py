"""Imports that take a while, as those of a model do."""

import os
import time

import sklearn.ensemble
import sklearn.feature_extraction.text
import sklearn.linear_model  # noqa: F401


def apply(seconds):
    """Takes its time, and tells which worker it was."""
    time.sleep(seconds)
    return os.getpid()
