/** A source in a process of its own, to be killed: says what it has received, a line each, and acknowledges the first half of a hundred. */
import { openSource } from "../../../../../src/listeners/drivers/kafka/source.ts";

const source = await openSource(JSON.parse(process.argv[2] ?? ""), {
	lost() {},
});
console.log("open");
const { signal } = new AbortController();
for (;;)
	for (const message of await source.receive(500, signal)) {
		const isFirstHalf = Number(message.id.split("/").at(-1)) < 50;
		if (isFirstHalf) await source.ack(message);
		console.log(message.id);
	}
