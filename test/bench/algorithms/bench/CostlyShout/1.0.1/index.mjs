// Work whose cost does not depend on how much of it there is, as that of a model on an accelerator.
import { setTimeout as sleep } from "node:timers/promises";

const COST_MS = 5;

/**
 * @param {string} text
 * @returns {Promise<string>}
 */
export async function apply(text) {
	await sleep(COST_MS);
	return text.toUpperCase();
}

/**
 * @param {string[]} texts
 * @returns {Promise<string[]>}
 */
export async function applyBatch(texts) {
	await sleep(COST_MS);
	return texts.map((text) => text.toUpperCase());
}
