/** Calls algorithms as users of the client do; the address and the key come from the environment. */
import { algorithmia } from "./algorithmia.js";
import { show } from "./seen.js";

const client = algorithmia();

/** @param {string} ref @param {unknown} input */
async function pipe(ref, input) {
	const { result, error, metadata, status } = await client
		.algo(ref)
		.pipe(input);
	return { result, error, metadata, status };
}

/** @param {string} ref @param {unknown} input */
const get = async (ref, input) => (await client.algo(ref).pipe(input)).get();

// The client decodes each chunk of an answer by itself, so a letter of several bytes breaks between two chunks.
const large = "u".repeat(8 * 2 ** 20);

await show({
	text: () => pipe("quality/echo", "foo"),
	object: () => pipe("quality/echo", { foo: [1, null, "bar"] }),
	bytes: () => pipe("quality/echo", Buffer.from([0, 255])),
	null: () => pipe("wire/Seen", null),
	"nothing returned": () => pipe("wire/Result", "void"),
	"get: text": () => get("demo/Hello", "HAL 9000"),
	"get: list": () =>
		get("WebPredict/ListAnagrams", [
			"transformer",
			"terraforms",
			"retransform",
		]),
	"get: bytes": async () => {
		const bytes = await get("quality/echo", Buffer.from([0, 255]));
		return Buffer.isBuffer(bytes) && { bytes: bytes.toString("base64") };
	},
	"get: nothing": () => get("wire/Result", "void"),
	"get: a failure": () => get("zeryx/raise_exception", "foo"),
	pipeJson: async () =>
		(await client.algo("quality/echo").pipeJson('{"a":[1]}')).get(),
	unicode: () => get("quality/echo", "☎ Grüße, 世界 𝄞"),
	large: async () => (await get("quality/echo", large)) === large,
	"too large": () => pipe("quality/echo", large + large),
	"60 calls at once": () =>
		Promise.all(
			Array.from({ length: 60 }, (_, i) => get("docs/JavaAddOne", i)),
		),
	references: () =>
		Promise.all(
			["algo://demo/Hello", "demo/Hello/0.1.0", "algo://demo/Hello/0.1.x"].map(
				(ref) => get(ref, "foo"),
			),
		),
	"an address with a slash": async () =>
		(
			await algorithmia("simabcd123", `${process.env.ALGORITHMIA_API}/`)
				.algo("demo/Hello")
				.pipe("foo")
		).get(),
	options: () =>
		pipe("wire/Print?timeout=10&stdout=true&timing=1", { lines: ["one"] }),
	raw: () => pipe("quality/echo?output=raw", "foo"),
	void: () => pipe("quality/echo?output=void", "foo"),
	"a failure": () => pipe("zeryx/raise_exception", "foo"),
	"a failure with a type": () => pipe("wire/Throws", { what: "typed" }),
	"a timeout": () => pipe("testing/Sleep?timeout=0.2", 60),
	"no such algorithm": () => pipe("no/Such", "foo"),
	"a wrong option": () => pipe("demo/Hello?timeout=0", "foo"),
	"malformed JSON": async () => {
		const { error, status } = await client.algo("quality/echo").pipeJson("{");
		return { error, status };
	},
});
