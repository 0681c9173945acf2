import { expect, it } from "vitest";
import { elementsOf } from "../../../../src/workers/node/elements.js";

it.each([
	[["1.0", " 1e2 ", "null"]],
	[["[1,[2,3]]", '{"a":[1,2],"b":{}}', '""']],
	[['"],["', '"\\",\\\\"', '{"\\"":","}']],
	[["9007199254740993"]],
])("the elements of %j are its own bytes", (elements) => {
	const found = elementsOf(Buffer.from(elements.join(",")));
	expect(found.map(String)).toEqual(elements);
});
