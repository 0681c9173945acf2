import pytest
from applyd_spark import Refused, register, score


def test_an_unknown_algorithm_raises_before_anything_runs(spark, applyd):
    for ref in ("spark/Nobody/1.0.0", "spark/Act/9.9.9", "nobody/Act"):
        with pytest.raises(
            Refused,
            match=f"404: algorithm algo://{ref} not found; name one that is there",
        ):
            score(spark.range(1), ref, input="id", output="o", servers=[applyd.url])
    with pytest.raises(Refused, match="404"):
        register(spark, "nobody", "spark/Nobody/1.0.0", servers=[applyd.url])


def test_a_key_that_is_refused_raises_before_anything_runs(spark, start):
    server = start("--auth", "keys")
    narrow = server.key("ada", "--allow", "algo://demo/*")
    for key, told in [
        (None, "401: authorization required; give key=…"),
        (
            "simWRONGwrongWRONGwrongWRONG",
            "401: Unknown or invalid API key.; give key=…",
        ),
        (narrow, "403: Caller is not authorized to perform the operation; give a key"),
    ]:
        with pytest.raises(Refused, match=told):
            score(
                spark.range(1),
                "spark/Act/1.0.0",
                input="id",
                output="o",
                servers=[server.url],
                key=key,
            )
    scored = score(
        spark.range(1),
        "spark/Act/1.0.0",
        input="id",
        output="o",
        servers=[server.url],
        key=server.key("ada"),
    )
    assert scored.first().o == "0"


def test_one_of_several_servers_that_does_not_know_it_is_told(spark, applyd, start):
    other = start("--auth", "keys")
    with pytest.raises(Refused, match=f"{other.url} answered 401"):
        score(
            spark.range(1),
            "spark/Act/1.0.0",
            input="id",
            output="o",
            servers=[applyd.url, other.url],
        )


def test_an_algorithm_that_does_not_load_ends_the_query_and_is_no_error_of_the_rows(
    spark, applyd
):
    scored = score(
        spark.range(1),
        "spark/Broken/1.0.0",
        input="id",
        output="o",
        error="e",
        servers=[applyd.url],
    )
    with pytest.raises(
        Exception,
        match=r"the algorithm cannot be loaded: load\(\) failed: no model here",
    ):
        scored.collect()


def test_a_server_that_comes_up_without_the_algorithm_ends_the_query(spark, start):
    first = start()
    scored = score(
        spark.range(1),
        "spark/Act/1.0.0",
        input="id",
        output="o",
        error="e",
        servers=[first.url],
    )
    first.end()
    start("--auth", "keys", port=first.port)
    with pytest.raises(Exception, match="answered 401"):
        scored.collect()
