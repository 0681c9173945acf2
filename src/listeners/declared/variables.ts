import { isObject } from "../../checks.ts";
import { UsageError } from "../../config/config.ts";

/** In these `${NAME}` stands for a variable of the environment, so that no secret need be in a file. */
const FIELDS = ["url", "secret", "username", "password", "brokers"];

/**
 * @param path of the value; "" for a whole listener
 * @throws UsageError naming a variable that is not set; an empty one counts as that
 */
export function withVariables(
	value: unknown,
	environment: NodeJS.ProcessEnv,
	path = "",
): unknown {
	if (Array.isArray(value))
		return value.map((member) => withVariables(member, environment, path));
	if (isObject(value))
		return Object.fromEntries(
			Object.entries(value).map(([key, member]) => [
				key,
				withVariables(member, environment, path ? `${path}.${key}` : key),
			]),
		);
	const field = path.slice(path.lastIndexOf(".") + 1);
	if (typeof value !== "string" || !FIELDS.includes(field)) return value;
	return value.replace(/\$\{(\w+)\}/g, (_, name: string) => {
		const text = environment[name];
		if (text) return text;
		throw new UsageError(
			`"${path}" takes \${${name}} from the environment, and ${name} is not set`,
		);
	});
}
