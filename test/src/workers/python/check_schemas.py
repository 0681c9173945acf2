"""
Checks values against schemas and writes what each check said.

Standard input is a JSON list of cases. The `row` of a case is a list in the case's language,
JSON or Python: a schema, and values to be checked against it.
"""

import json
import sys

sys.path.insert(0, sys.argv[1])
from applyd_worker.errors import TypedError
from applyd_worker.schema import compile_schema


def outcomes(case):
    """One text for each value, where null is a pass; or one text if there is no such schema."""
    read = eval if case["language"] == "python" else json.loads
    schema, *values = read(case["row"])
    try:
        check = compile_schema(schema, case["side"])
    except TypedError as error:
        return f"{error.error_type}: {error.message}"
    return [outcome(check, value) for value in values]


def outcome(check, value):
    try:
        check(value)
        return None
    except TypedError as error:
        return f"{error.error_type}: {error.message}"


json.dump([outcomes(case) for case in json.load(sys.stdin)], sys.stdout)
