// Writes lines to the moods of the state folder named by its first argument, and says which are stored.
import { letter, openData, openMoods } from "./place.ts";

const [state = "", prefix = "m"] = process.argv.slice(2);
const sink = await openMoods(await openData(state));
let next = 0;
async function write() {
	for (;;) {
		const id = `${prefix}${next++}`;
		await sink.put(letter(id, "x".repeat(100)));
		process.send?.(id);
	}
}
for (let n = 0; n < 20; n++) write();
