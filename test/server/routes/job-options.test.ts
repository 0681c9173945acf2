import { describe, expect, test } from "vitest";
import { readJobFilter } from "../../../server/routes/job-filter.ts";
import {
	readJobFields,
	readJobQuery,
} from "../../../server/routes/job-options.ts";

const algorithm = "a/B/1.0.0";
const ref = { owner: "a", name: "B", selector: "1.0.0" };
const input = "data://.my/c/in.csv";

describe("a body of options", () => {
	test("has the least, or all there is", () => {
		expect(readJobFields({ algorithm: "a/B", input })).toEqual({
			algorithm: { owner: "a", name: "B" },
			input,
		});
		const all = {
			input,
			format: "csv",
			csvTypes: "infer",
			output: "data://.my/c/out.ndjson",
			concurrency: 4,
			maxAttempts: 1,
			maxErrors: null,
			timeoutSeconds: 0.5,
			label: "nightly",
			metadata: { run: 7 },
		};
		expect(readJobFields({ algorithm, ...all })).toEqual({
			algorithm: ref,
			...all,
		});
	});

	test.each([
		[[], /^the body is \[\]; it must be a JSON object/],
		["x", /^the body is "x"; it must be a JSON object/],
		[null, /^the body is null; it must be a JSON object/],
		[{ algorithm }, /^input is missing; name a stored file such as data:/],
		[{ input }, /^algorithm is missing; name one as OWNER\/NAME/],
	])("%j is refused", (body, message) => {
		expect(() => readJobFields(body)).toThrow(message);
	});

	test.each([
		[{ algorithm: 1 }, /^algorithm is 1; it must be OWNER\/NAME or/],
		[{ algorithm: "a" }, /^algorithm is "a"; it must be OWNER\/NAME or/],
		[{ input: 1 }, /^input is 1; it must be a text that is not empty/],
		[
			{ format: "xml" },
			/^format is "xml"; it must be one of ndjson, csv, json, text$/,
		],
		[{ csvTypes: 1 }, /^csvTypes is 1; it must be one of text, infer/],
		[{ output: "" }, /^output is ""; it must be a text that is not empty/],
		[{ concurrency: "4" }, /^concurrency is "4"; it must be a number/],
		[{ maxErrors: "few" }, /^maxErrors is "few"; it must be a number, or null/],
		[{ label: 7 }, /^label is 7; it must be a text that is not empty/],
		[{ metadata: [] }, /^metadata is \[\]; it must be a JSON object/],
		[
			{ maxAttemps: 1 },
			/^unknown option maxAttemps; did you mean maxAttempts\?/,
		],
		[{ toString: 1 }, /^unknown option toString; did you mean/],
	])("with %j is refused", (fields, message) => {
		const read = () => readJobFields({ algorithm, input, ...fields });
		expect(read).toThrow(message);
		expect(read).toThrow(expect.objectContaining({ code: "BAD_REQUEST" }));
	});
});

describe("a query of options", () => {
	test("has numbers and JSON as texts", () => {
		expect(
			readJobQuery({
				algorithm: ["x", algorithm],
				format: "text",
				concurrency: "4",
				maxErrors: "null",
				timeoutSeconds: "1.5",
				label: "7",
				metadata: '{"run":7}',
			}),
		).toEqual({
			algorithm: ref,
			format: "text",
			concurrency: 4,
			maxErrors: null,
			timeoutSeconds: 1.5,
			label: "7",
			metadata: { run: 7 },
		});
	});

	test.each([
		[{ concurrency: "many" }, /^concurrency is "many"; it must be a number/],
		[{ concurrency: "" }, /^concurrency is ""; it must be a number/],
		[{ metadata: "{" }, /^metadata is "\{"; it must be a JSON object/],
		[{ lable: "x" }, /^unknown option lable; did you mean label\?/],
		[{ input }, /^with algorithm in the query the body is the input/],
		[{ algorithm: "" }, /^algorithm is ""; it must be OWNER\/NAME/],
	])("with %j is refused", (query, message) => {
		expect(() => readJobQuery({ algorithm, ...query })).toThrow(message);
	});
});

describe("a filter", () => {
	test.each([
		[{}, { limit: 100 }],
		[{ status: "", algorithm: "", marker: "" }, { limit: 100 }],
		[
			{ status: "failed", algorithm: "algo://a/B", limit: "5", marker: "m" },
			{
				status: "failed",
				algorithm: { owner: "a", name: "B" },
				limit: 5,
				marker: "m",
			},
		],
	])("%j is %j", (query, filter) => {
		expect(readJobFilter(query)).toEqual(filter);
	});

	test.each([
		[
			{ status: "done" },
			"status is 'done'; it must be one of queued, running, cancelling, cancelled, completed, failed",
		],
		[{ limit: "0" }, "limit is '0'; it must be a whole number from 1 to 1000"],
		[
			{ algorithm: "a" },
			'algorithm: "a" names no algorithm; write OWNER/NAME or OWNER/NAME/VERSION',
		],
	])("%j is refused", (query, message) => {
		expect(() => readJobFilter(query)).toThrow(message);
	});
});
