import {
	type Config,
	Engine,
	InputKind,
	localCaller,
	type Outcome,
	outdatedPackages,
	readListenersFile,
	type Version,
} from "../../src/index.ts";
import type { Command } from "../command-line.ts";
import { openInsideApi, RUN_SETTINGS } from "../inside-api.ts";
import { isMeant, parseRef } from "../ref.ts";

interface Finding {
	place: string;
	verdict: "ok" | "broken";
	detail: string;
}

export const check: Command = {
	summary:
		"Loads every algorithm, checks manifests and the listeners file, and runs each sampleInput",
	arguments: "[OWNER/NAME[/VERSION]…]",
	settings: [...RUN_SETTINGS, "listeners"],
	async run({ positionals, config }) {
		const refs = positionals.map(parseRef);
		const engine = await Engine.start({
			...config,
			watch: false,
			idleSeconds: 0.001,
		});
		const closeApi = await openInsideApi(engine);
		const findings: Finding[] = [];
		try {
			for (const version of engine.versions.filter((version) =>
				isMeant(version, refs),
			))
				findings.push(await withRemark(await tryOut(engine, version), version));
			if (refs.length === 0)
				for (const { path, message } of engine.strays)
					findings.push({ place: path, verdict: "broken", detail: message });
			if (refs.length === 0 && config.listeners !== undefined)
				findings.push(await checkListeners(config.listeners, config));
		} finally {
			await engine.close();
			await closeApi();
		}
		const width = Math.max(0, ...findings.map(({ place }) => place.length));
		for (const { place, verdict, detail } of findings)
			process.stdout.write(
				`${verdict.padEnd(6)}  ${place.padEnd(width)}  ${detail}\n`,
			);
		const broken = findings.filter(
			({ verdict }) => verdict === "broken",
		).length;
		const unmatched = refs.length > 0 && findings.length === 0;
		process.stderr.write(
			unmatched
				? `no algorithm matches ${positionals.join(" ")}\n`
				: `${findings.length} checked, ${broken} broken\n`,
		);
		return broken > 0 || unmatched ? 1 : 0;
	},
};

/** Runs the sample input; without one, loads the module by a call that is refused before `apply`. */
async function tryOut(engine: Engine, version: Version): Promise<Finding> {
	const { ref: place, manifest } = version;
	const hasSample = "sampleInput" in manifest;
	const body = Buffer.from(
		hasSample ? JSON.stringify(manifest.sampleInput) : "{",
	);
	const outcome = await new Promise<Outcome>((resolve) => {
		const { owner, name, version: selector } = version;
		engine.apply(
			{
				owner,
				name,
				selector,
				caller: localCaller("local"),
				requestId: "check",
				inputKind: InputKind.JSON,
				wants: 0,
				body,
			},
			resolve,
		);
	});
	if (outcome.kind === "result")
		return { place, verdict: "ok", detail: "ran its sampleInput" };
	if (outcome.kind === "refused" && !hasSample)
		return { place, verdict: "ok", detail: "loads; has no sampleInput to run" };
	return {
		place,
		verdict: "broken",
		detail: messageOf(outcome).replaceAll("\n", " "),
	};
}

async function checkListeners(
	place: string,
	{ account, maxTimeoutSeconds }: Config,
): Promise<Finding> {
	const environment = process.env;
	try {
		const context = { account, maxTimeoutSeconds, environment };
		const { length } = await readListenersFile(place, context);
		const detail = `${length} ${length === 1 ? "listener" : "listeners"}`;
		return { place, verdict: "ok", detail };
	} catch (error) {
		const { message } = error as Error;
		const detail = message.replace(`${place}: `, "");
		return { place, verdict: "broken", detail };
	}
}

/** Adds what its author should know though it runs. */
async function withRemark(
	finding: Finding,
	{ folder, ref }: Version,
): Promise<Finding> {
	const remark = await outdatedPackages(folder, ref);
	return remark
		? { ...finding, detail: `${finding.detail}; ${remark}` }
		: finding;
}

function messageOf(outcome: Exclude<Outcome, { kind: "result" }>): string {
	if (outcome.kind === "refused") return outcome.reason;
	if (outcome.kind === "failed") return outcome.error.message;
	return `sampleInput: ${JSON.parse(outcome.body.toString()).error.message}`;
}
