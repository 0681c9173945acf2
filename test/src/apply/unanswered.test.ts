import { expect, it } from "vitest";
import { Unanswered } from "../../../src/apply/unanswered.ts";

const items = (firstIndex: number, count: number) => ({ firstIndex, count });

it("items without an outcome are those that were started, less those that have one, in whatever order", () => {
	const unanswered = new Unanswered();
	unanswered.add(items(0, 4));
	unanswered.add(items(4, 6));
	unanswered.delete(items(3, 3));
	unanswered.delete(items(0, 1));
	expect([...unanswered]).toEqual([1, 2, 6, 7, 8, 9]);
	unanswered.add(items(10, 1));
	unanswered.delete(items(6, 5));
	unanswered.delete(items(2, 1));
	unanswered.delete(items(1, 1));
	expect([...unanswered]).toEqual([]);
	unanswered.add(items(11, 2));
	expect([...unanswered]).toEqual([11, 12]);
});
