import { PassThrough } from "node:stream";
import type { WriteStream } from "node:tty";
import { describe, expect, test } from "vitest";
import { ProgressLine, timeOf, wordsOf } from "../../server/progress-line.ts";
import type { JobView } from "../../src/index.ts";

const job: JobView = {
	id: "j1",
	algorithm: "a/B/1.0.0",
	status: "running",
	format: "ndjson",
	items: { total: 200, succeeded: 97, failed: 3, pending: 100 },
	rate: 25.4,
	secondsLeft: 4,
	createdAt: "2026-01-01T00:00:00.000Z",
	output: "/v1/jobs/j1/output",
	errors: "/v1/jobs/j1/errors",
};

test.each([
	[{}, ["100/200", "3 failed", "25/s", "4 s left"]],
	[
		{ status: "queued", rate: 0, secondsLeft: undefined },
		["100/200", "queued", "3 failed"],
	],
	[
		{
			items: { total: null, succeeded: 7, failed: 0, pending: 1 },
			rate: 0.52,
			secondsLeft: undefined,
		},
		["7/?", "0.5/s"],
	],
	[
		{ rate: 0, secondsLeft: undefined, paused: "the disk is full" },
		["100/200", "3 failed", "paused: the disk is full"],
	],
] as [Partial<JobView>, string[]][])("a job with %j is %j", (more, words) => {
	expect(wordsOf({ ...job, ...more })).toEqual(words);
});

test.each([
	[0.2, "1 s"],
	[59, "59 s"],
	[60, "1 min 0 s"],
	[3599, "59 min 59 s"],
	[3600, "1 h 0 min"],
	[360_000, "100 h 0 min"],
])("%i seconds are %s", (seconds, text) => {
	expect(timeOf(seconds)).toBe(text);
});

describe("progress", () => {
	const shownOn = (terminal: { isTTY?: boolean; columns?: number }) => {
		const stream = Object.assign(new PassThrough(), terminal);
		const line = new ProgressLine(stream as unknown as WriteStream);
		line.show(job);
		line.show({ ...job, items: { ...job.items, succeeded: 98 } });
		line.note("the server is away");
		line.note("the server is away");
		line.finish({ ...job, status: "completed" });
		return String(stream.read());
	};

	test("is one line of a terminal, as wide as that at most, and stays away from the lines around it", () => {
		expect(shownOn({ isTTY: true, columns: 45 }).split("\r\x1b[K")).toEqual([
			"",
			"[############            ] 50%  100/200  3 f",
			"[############            ] 50%  101/200  3 f",
			"the server is away\n",
			"completed: 97 succeeded, 3 failed\n",
			"applyd job errors j1 says why\n",
		]);
	});

	test.each([
		[{ total: 200 }, {}, " 50%"],
		[{ total: 0, succeeded: 0, failed: 0 }, {}, "100%"],
		[{ total: null }, { rate: 25, secondsLeft: 12 }, " 25%"],
		[{ total: null }, { secondsLeft: undefined }, "  0%"],
	])("of %j with %j is%s", (items, more, percent) => {
		const stream = Object.assign(new PassThrough(), {
			isTTY: true,
			columns: 80,
		});
		new ProgressLine(stream as unknown as WriteStream).show({
			...job,
			...(more as Partial<JobView>),
			items: { ...job.items, ...items },
		});
		expect(String(stream.read())).toContain(`]${percent} `);
	});

	test("is a line now and then where there is no terminal", () => {
		expect(shownOn({})).toBe(
			[
				"100/200, 3 failed, 25/s, 4 s left",
				"the server is away",
				"completed: 97 succeeded, 3 failed",
				"applyd job errors j1 says why",
				"",
			].join("\n"),
		);
	});
});
