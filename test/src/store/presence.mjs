// Announces an owner in the state folder named by its argument, says its name, and stays.
import { Presence } from "../../../src/store/presence.ts";

const presence = await Presence.announce(process.argv[2] ?? "");
process.send?.(presence.owner);
process.on("message", () => {});
