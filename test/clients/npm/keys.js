/** Calls with one key and another. */
import { algorithmia } from "./algorithmia.js";
import { show } from "./seen.js";

/** @param {string | undefined} key */
const hello = async (key) => {
	const { result, error } = await algorithmia(key)
		.algo("demo/Hello")
		.pipe("foo");
	return error ?? result;
};

await show({
	right: () => hello(process.env.ALGORITHMIA_API_KEY),
	wrong: () => hello("simWRONGwrongWRONGwrongWRONG"),
	"with its scheme": () => hello(`Simple ${process.env.ALGORITHMIA_API_KEY}`),
	missing: () => {
		delete process.env.ALGORITHMIA_API_KEY;
		return hello(undefined);
	},
});
