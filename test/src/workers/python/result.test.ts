import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { optional } from "../../../clients/optional.ts";
import { shareServer } from "../../../server/support.ts";
import { copyAlgorithms, installOnce } from "../../../support/installed.ts";
import { PYTHON_FIXTURES } from "../../../support/languages.ts";
import { checkInPython } from "./check-schemas.ts";

const PATH = "/v1/algo/forms/Evaluated";
const REFUSED = "the result cannot be written as JSON: ";

type Server = ReturnType<typeof shareServer>;

const evaluate = (server: Server, expression: string, query = "") =>
	server.post(`${PATH}${query}`, JSON.stringify(expression));

/** The content type of what an expression is, and the result as its bytes are written. */
async function written(server: Server, expression: string) {
	const { text } = await evaluate(server, expression);
	const [, result, type] =
		/^\{"result":(.*),"metadata":\{"content_type":"(\w+)"/s.exec(text) ?? [];
	return type === undefined ? text : [type, result];
}

/** What is said of an expression whose value is no JSON. */
async function refusal(server: Server, expression: string) {
	const { body } = await evaluate(server, expression);
	expect(body.error?.error_type).toBe("AlgorithmError");
	return body.error.message.replace(REFUSED, "");
}

describe("what a Python algorithm returns", () => {
	const server = shareServer({ algorithms: [PYTHON_FIXTURES] });

	it.each([
		["None", "json", "null"],
		["'say \"hi\"\\n'", "text", '"say \\"hi\\"\\n"'],
		["''", "text", '""'],
		["bytes([0, 255, 62])", "binary", '"AP8+"'],
		["bytearray(b'')", "binary", '""'],
		["memoryview(b'abc')[::2]", "binary", '"YWM="'],
		["(1, (2, []))", "json", "[1,[2,[]]]"],
		["Named(1, 2)", "json", "[1,2]"],
		["[{}, [], (), '']", "json", '[{},[],[],""]'],
		[
			"{1: 'a', -2: 'b', 0.5: 'c', True: 'd', None: 'e'}",
			"json",
			'{"1":"d","-2":"b","0.5":"c","null":"e"}',
		],
		["collections.Counter('aab')", "json", '{"a":2,"b":1}'],
		["Level.HIGH", "json", "2"],
		["-0.0", "json", "-0.0"],
		["[1.0, 1e300, 5e-324]", "json", "[1.0,1e+300,5e-324]"],
		["2**64", "json", "18446744073709551616"],
		["10**4000", "json", `1${"0".repeat(4000)}`],
		["'\\ud800'", "text", '"\\ud800"'],
		[
			"['\\ud83d\\ude00', 'é', {'\\udc00': 1}]",
			"json",
			'["\\ud83d\\ude00","\\u00e9",{"\\udc00":1}]',
		],
	])("(%s) is %s, written as %s", async (expression, type, text) => {
		expect(await written(server, expression)).toEqual([type, text]);
	});

	it.each([
		["[1, {'a': float('nan')}]", "NaN at /1/a"],
		["{float('nan'): 1}", "a key that is NaN at its top"],
		["{'ids': [{1, 2}]}", "a set at /ids/0"],
		["frozenset()", "a frozenset at its top"],
		["{'when': datetime.datetime(2026, 1, 2)}", "a datetime at /when"],
		["[datetime.date(2026, 1, 2)]", "a date at /0"],
		["{'price': decimal.Decimal('0.1')}", "a Decimal at /price"],
		["[Point(1)]", "a Point at /0"],
		["{'file': [b'x']}", "a bytes at /file/0"],
		["array.array('d', [1])", "a array at its top"],
		["1j", "a complex at its top"],
		["(n for n in [1])", "a generator at its top"],
		["{}.keys()", "a dict_keys at its top"],
		["[{(1, 2): 3}]", "a key that is a tuple at /0"],
		["len", "a builtin_function_or_method at its top"],
		["{'n': [10**5000]}", "an integer of more than 4300 digits at /n/0"],
	])("(%s) is refused, saying where: %s", async (expression, where) => {
		expect(await refusal(server, expression)).toBe(where);
	});

	it("that holds itself, or is nested too deeply, is refused in words", async () => {
		const cycle = "(lambda list: (list.append({'up': list}), list)[1])([1])";
		expect(await refusal(server, cycle)).toBe("a cycle at /1/up");
		const deep =
			"__import__('functools').reduce(lambda v, _: [v], range(200_000), 1)";
		expect(await refusal(server, deep)).toBe("it is nested too deeply");
	});

	it("as a text with half of a surrogate pair is bare with U+FFFD for it, as from JavaScript", async () => {
		const bare = async (expression: string) =>
			(await evaluate(server, expression, "?output=raw")).text;
		expect(await bare("'a\\ud800b'")).toBe("a\ufffdb");
		expect(await bare("'\\udc00'")).toBe("\ufffd");
		expect(await bare("'\\ud83d\\ude00'")).toBe("😀");
	});
});

const folder = await mkdtemp(join(tmpdir(), "applyd-test-"));
afterAll(() => rm(folder, { recursive: true }));
const installed = await optional("what numpy and pandas return", async () => {
	await copyAlgorithms(resolve(PYTHON_FIXTURES, "../python-installed"), folder);
	return installOnce(folder);
});

describe.skipIf(!installed)("what numpy and pandas return", () => {
	const server = shareServer({
		algorithms: [folder],
		allowRead: [installed ?? ""],
	});

	it.each([
		["numpy.int64(7)", "7"],
		["numpy.uint64(2**64 - 1)", "18446744073709551615"],
		["numpy.float64(0.1)", "0.1"],
		["numpy.float32(0.5)", "0.5"],
		["numpy.float16(-0.0)", "-0.0"],
		["numpy.bool_(True)", "true"],
		["[numpy.str_('a'), numpy.int8(-1), None]", '["a",-1,null]'],
		["numpy.array(7)", "7"],
		["numpy.array([])", "[]"],
		["numpy.array([1, 2])", "[1,2]"],
		["numpy.array([[1.5, 2], [3, 4]])", "[[1.5,2.0],[3.0,4.0]]"],
		["numpy.zeros((2, 0, 3))", "[[],[]]"],
		["numpy.array(['a', 'é'])", '["a","é"]'],
		[
			"numpy.array([None, {'a': numpy.int32(1)}], dtype=object)",
			'[null,{"a":1}]',
		],
		["numpy.array([(1, 2.5)], dtype=[('a', int), ('b', float)])", "[[1,2.5]]"],
		["numpy.ma.array([1, 2], mask=[False, True])", "[1,null]"],
		[
			"{'rows': [(numpy.arange(2), {'ok': numpy.bool_(False)})]}",
			'{"rows":[[[0,1],{"ok":false}]]}',
		],
		[
			"{numpy.str_('a'): numpy.float32(1), numpy.float64(0.5): 2}",
			'{"a":1.0,"0.5":2}',
		],
		["numpy.array([], dtype='datetime64[ns]')", "[]"],
		["pandas.Series([1, 2], index=['a', 'b'])", "[1,2]"],
		["pandas.Series(['a', None])", '["a",null]'],
		["pandas.Series(['a', 'b'], dtype='category')", '["a","b"]'],
		["pandas.Index([1.5, 2])", "[1.5,2.0]"],
		["pandas.RangeIndex(3)", "[0,1,2]"],
		["pandas.MultiIndex.from_product([['a'], [1, 2]])", '[["a",1],["a",2]]'],
		[
			"pandas.DataFrame({'n': [1, 2], 'x': [0.5, 1], 'word': ['a', None]})",
			'[{"n":1,"x":0.5,"word":"a"},{"n":2,"x":1.0,"word":null}]',
		],
		[
			"{'frame': pandas.DataFrame({'n': []}), 'top': pandas.Series({'a': 1}).to_dict()}",
			'{"frame":[],"top":{"a":1}}',
		],
		["pandas.DataFrame([[1, 2]])", '[{"0":1,"1":2}]'],
	])("(%s) is written as %s", async (expression, text) => {
		expect(await written(server, expression)).toEqual(["json", text]);
	});

	it.each([
		["numpy.str_('a')", "text", '"a"'],
		["numpy.bytes_(b'a')", "binary", '"YQ=="'],
	])("(%s) is %s, written as %s", async (expression, type, text) => {
		expect(await written(server, expression)).toEqual([type, text]);
	});

	it.each([
		["numpy.float32('nan')", "NaN at its top"],
		["{'a': [numpy.array([[0, 1], [numpy.inf, 0]])]}", "Infinity at /a/0/1/0"],
		["numpy.datetime64('2026-01-02')", "a datetime64 at its top"],
		[
			"numpy.datetime64('2026-01-02T03:04:05', 'ns')",
			"a datetime64 at its top",
		],
		[
			"{'when': numpy.array([['2026-01-02']], dtype='datetime64[ns]')}",
			"a datetime64 at /when/0/0",
		],
		["[numpy.timedelta64(5, 'ns')]", "a timedelta64 at /0"],
		["numpy.array([1j])", "a complex at /0"],
		["numpy.array([b'a'])", "a bytes at /0"],
		["[numpy.longdouble(1)]", "a longdouble at /0"],
		["numpy.array([1, 2], dtype='longdouble')", "a longdouble at /0"],
		["numpy.random.default_rng()", "a Generator at its top"],
		["{numpy.int64(1): 2}", "a key that is a int64 at its top"],
		["pandas.Series([1, None])", "NaN at /1"],
		["pandas.Series([1, None], dtype='Int64')", "a NAType at /1"],
		[
			"{'days': pandas.date_range('2026-01-02', periods=2)}",
			"a Timestamp at /days/0",
		],
		["pandas.Series(pandas.to_datetime(['2026-01-02']))", "a Timestamp at /0"],
		[
			"pandas.DataFrame({'n': [1], 'at': pandas.to_datetime(['2026-01-02'])})",
			"a Timestamp at /0/at",
		],
		["pandas.DataFrame({'n': [1, None]})", "NaN at /1/n"],
		[
			"pandas.DataFrame([[1, 2]], columns=['a', 'a'])",
			"a DataFrame with two columns of the same name at its top",
		],
		[
			"pandas.DataFrame({'a': [1]}).groupby('a')",
			"a DataFrameGroupBy at its top",
		],
	])("(%s) is refused, saying where: %s", async (expression, where) => {
		expect(await refusal(server, expression)).toBe(where);
	});

	it("as an array of 100 000 numbers is written whole", async () => {
		const { body } = await evaluate(server, "numpy.arange(100_000) / 4");
		expect(body.result).toEqual(
			Array.from({ length: 100_000 }, (_, i) => i / 4),
		);
		const last = "numpy.append(numpy.zeros(99_999), numpy.nan)";
		expect(await refusal(server, last)).toBe("NaN at /99999");
	});

	it("is checked by an output schema as what is written of it", () => {
		const python = join(folder, "forms/Evaluated/1.0.0/.venv/bin/python");
		const outcomes = (schema: string, ...values: string[]) =>
			checkInPython(
				[
					{
						row: `(lambda numpy, pandas: [${[schema, ...values]}])(*map(__import__, ["numpy", "pandas"]))`,
						language: "python",
						side: "output",
					},
				],
				python,
			)[0];
		expect(
			outcomes(
				"{'type': 'integer', 'minimum': 2}",
				"numpy.int64(2)",
				"numpy.int64(1)",
				"numpy.bool_(True)",
				"numpy.datetime64('2026-01-02')",
			),
		).toEqual([
			null,
			"AlgorithmError: output must be >= 2",
			"AlgorithmError: output must be integer",
			"AlgorithmError: output must be integer",
		]);
		expect(
			outcomes(
				"{'type': 'array', 'items': {'type': 'number'}, 'uniqueItems': True}",
				"numpy.arange(3)",
				"[numpy.float32(1), 1]",
				"pandas.Series([1, 'a'])",
				"numpy.array([['1']])",
			),
		).toEqual([
			null,
			"AlgorithmError: output must NOT have duplicate items (items ## 1 and 0 are identical)",
			"AlgorithmError: output at /1 must be number",
			"AlgorithmError: output at /0 must be number",
		]);
		expect(
			outcomes(
				"{'items': {'required': ['n'], 'properties': {'n': {'enum': [1, 2]}}}}",
				"pandas.DataFrame({'n': [1, 2]})",
				"pandas.DataFrame({'n': [1, 3]})",
				"pandas.DataFrame({'m': [1]})",
				"[{'n': numpy.array(2)}]",
			),
		).toEqual([
			null,
			"AlgorithmError: output at /1/n must be equal to one of the allowed values",
			"AlgorithmError: output at /0 must have required property 'n'",
			null,
		]);
	});
});
