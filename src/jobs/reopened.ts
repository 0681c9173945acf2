import type { Cut } from "../items/cut.ts";
import type { ClaimedShard } from "../store/shards.ts";
import { pick } from "./cuts.ts";
import { indexOfLine } from "./failures.ts";
import type { Job } from "./house.ts";
import { linesOf } from "./lines.ts";
import { OpenShard } from "./open-shard.ts";
import { type Segment, Segments, split } from "./segments.ts";

/** A shard whose failed items run again: the others keep their outcomes. @param cuts all its items */
export async function reopened(
	{ files, rules }: Job,
	shard: ClaimedShard,
	cuts: readonly Cut[],
): Promise<OpenShard> {
	const { firstIndex, count } = shard;
	const claim = { firstIndex, claim: shard.stored ?? 0 };
	const failures = await files.read(claim, "failures");
	const failed = linesOf(failures).map(indexOfLine);
	const outcomes = new Segments();
	let left: Segment | undefined = {
		firstIndex,
		count,
		text: await files.read(claim, "outcomes"),
	};
	for (const index of failed) {
		if (!left) break;
		const [before, rest]: ReturnType<typeof split> = split(
			left,
			index - left.firstIndex,
		);
		if (before) outcomes.add(before);
		left = rest && split(rest, 1)[1];
	}
	if (left) outcomes.add(left);
	return new OpenShard(shard, [...pick(cuts, failed, rules.form)], rules, {
		outcomes,
	});
}
