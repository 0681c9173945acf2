import os
import sys

import pytest
from applyd_process import Applyd

# Before Spark starts: it hands its workers the environment, and they run the Python that this names.
os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable

OPTIONS = {
    "spark.ui.enabled": "false",
    "spark.driver.memory": "512m",
    "spark.executor.memory": "512m",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.session.timeZone": "Europe/Berlin",
    "spark.log.level": "ERROR",
}


def start_spark(master):
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(master).appName("applyd-spark")
    for name, value in OPTIONS.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


@pytest.fixture(scope="session")
def spark():
    # A task is tried four times, as on a cluster.
    session = start_spark("local[2,4]")
    yield session
    session.stop()


@pytest.fixture(scope="session")
def applyd():
    """A server that all tests may share."""
    server = Applyd()
    yield server
    server.close()


@pytest.fixture
def start():
    """Starts servers that end with the test."""
    started = []

    def start(*options, port=0):
        started.append(Applyd(*options, port=port))
        return started[-1]

    yield start
    for server in started:
        server.close()
