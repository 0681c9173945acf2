import type { GroupOptions } from "@platformatic/kafka";

/** A member that is silent for so long is given up by the others. Brokers allow 6 s at least. */
export const SESSION_MS = 10_000;
/** The others wait so long for a member that is to rejoin; we do at the next heartbeat, whatever calls run. */
const REBALANCE_MS = 12_000;
const HEARTBEAT_MS = 1_000;
/** To join takes as long as the slowest member. */
export const JOIN_TIMEOUT_MS = REBALANCE_MS + 3_000;
/** After that the library has lost its way, and a new client is made. */
const STALLED_MS = 60_000;

export const GROUP_OPTIONS: GroupOptions = {
	sessionTimeout: SESSION_MS,
	rebalanceTimeout: REBALANCE_MS,
	heartbeatInterval: HEARTBEAT_MS,
	heartbeatStallTimeout: STALLED_MS,
	// Members keep what they can: a rebalance takes from them only what goes to others.
	protocols: [{ name: "cooperative-sticky", version: 3 }],
};
