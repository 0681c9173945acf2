"""A stream of its own process: `stream.py SERVER FOLDER [once]` scores FOLDER/in to FOLDER/out."""

import sys

from applyd_spark import score
from conftest import start_spark
from pyspark.sql import functions as F

server, folder = sys.argv[1:3]
spark = start_spark("local[2]")
rows = (
    spark.readStream.schema("id long, text string")
    .option("maxFilesPerTrigger", 2)
    .json(f"{folder}/in")
)
rows = rows.withColumn("do", F.lit("sleep")).withColumn("with", F.lit(0.02))
scored = score(
    rows,
    "spark/Act/1.0.0",
    input=["id", "do", "with"],
    output="o",
    output_type="struct<id:long>",
    error="e",
    servers=[server],
    list_rows=5,
)
writer = scored.writeStream.format("json").option(
    "checkpointLocation", f"{folder}/checkpoint"
)
if "once" in sys.argv:
    writer = writer.trigger(availableNow=True)
writer.start(f"{folder}/out").awaitTermination()
