import { join, resolve } from "node:path";
import {
	PACKAGE,
	sparkEnvironment,
} from "../../integrations/spark-environment.ts";
import { spawnChild } from "../children.ts";
import { startContender } from "../contenders/contenders.ts";
import { CONTENDERS } from "../contenders/places.ts";
import { orLeftOut } from "../left-out.ts";
import { median, short } from "../numbers.ts";
import type { Effort, Row } from "../row.ts";

/** One call a row takes its time; its rate does not depend on how many there are. */
const CLIENT_ROWS = 5000;

interface Measured {
	rows: number;
	clientRows: number;
	/** Of each way, round by round. */
	seconds: Record<"score" | "udf" | "client", number[]>;
}

/** A frame scored by applyd-spark, against one call a row with the published client, and a UDF that calls nobody. */
export async function spark(effort: Effort, rowsFile: string): Promise<Row[]> {
	const bin = await orLeftOut(sparkEnvironment());
	const { child, url } = await startContender("applyd");
	const script = resolve(CONTENDERS, "spark_ways.py");
	const args = [url, rowsFile, effort.times, CLIENT_ROWS].map(String);
	const ways = spawnChild(join(bin, "python"), [script, ...args], {
		env: { PYTHONPATH: join(PACKAGE, "src") },
		isGroup: true,
	});
	const measured: Measured = JSON.parse(await ways.output());
	await child.end();
	const { rows, clientRows, seconds } = measured;
	const rates = (way: keyof Measured["seconds"], count: number) =>
		seconds[way].map((taken) => count / taken);
	const ours = rates("score", rows);
	const row = (
		name: string,
		against: string,
		others: number[],
		atLeast: number,
	): Row => {
		const ratios = ours.map((rate, i) => rate / (others[i] as number));
		return {
			name,
			what: `a Spark frame of ${rows} rows by applyd-spark`,
			ours: `${short(median(ours))} rows/s`,
			against: `${against} ${short(median(others))} rows/s`,
			value: median(ratios),
			unit: "×",
			target: { atLeast },
			details: { ratios, ours, others },
		};
	};
	return [
		row(
			"spark",
			`a call a row by the published client (of ${clientRows} rows)`,
			rates("client", clientRows),
			5,
		),
		row("spark-udf", "a plain Python UDF", rates("udf", rows), 0.33),
	];
}
