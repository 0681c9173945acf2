import { isLoopback, UsageError } from "../src/index.ts";
import type { CommandLine, Option } from "./command-line.ts";
import { type ServerEvent, serverEvents } from "./server-events.ts";

/** Of the commands that talk to a running server. */
export const SERVER_OPTIONS = {
	server: {
		type: "string",
		value: "URL",
		variable: "APPLYD_SERVER",
		fallback: "http://127.0.0.1:8080",
		help: "where the server answers",
	},
	key: {
		type: "string",
		value: "KEY",
		variable: "APPLYD_KEY",
		help: "who calls, where the server wants to know",
	},
} as const satisfies Record<string, Option>;

/** The server did not answer, or stopped in the middle: another attempt may succeed. */
export class OutOfReach extends Error {}

export interface Question {
	query?: URLSearchParams;
	headers?: Record<string, string>;
	body?: string | AsyncIterable<Uint8Array>;
}

/** A server that runs elsewhere, as its callers see it. */
export class RunningServer {
	readonly #url: string;
	readonly #headers: Record<string, string>;

	/** @throws UsageError if the options name no address, or a key that no header can carry */
	constructor({ options }: Pick<CommandLine, "options">) {
		const server = String(options.server);
		const key = options.key as string | undefined;
		if (!/^https?:\/\//.test(server) || !URL.canParse(server))
			throw new UsageError(
				`--server is ${JSON.stringify(server)}; it must be an http:// or https:// address`,
			);
		if (key !== undefined && !/^[\x21-\x7e]+$/.test(key))
			throw new UsageError("--key is no key: it has blanks or odd characters");
		this.#url = server.replace(/\/+$/, "");
		this.#headers = {
			...(key !== undefined && { authorization: `Simple ${key}` }),
			// What never leaves the machine is not worth packing.
			...(isLoopback(new URL(server).hostname) && {
				"accept-encoding": "identity",
			}),
		};
	}

	/**
	 * @returns an answer that is no error; its body must be read or cancelled
	 * @throws OutOfReach; UsageError where the server finds fault with what was asked; Error with its message
	 */
	async ask(
		method: string,
		path: string,
		{ query, headers, body }: Question = {},
	): Promise<Response> {
		const search = query?.size ? `?${query}` : "";
		let response: Response;
		try {
			response = await fetch(`${this.#url}${path}${search}`, {
				method,
				headers: { ...this.#headers, ...headers },
				...(body !== undefined && { body, duplex: "half" }),
			});
		} catch (error) {
			throw this.#unreached(error);
		}
		if (!response.ok) throw await this.#refusal(response);
		return response;
	}

	/** The answer's JSON. @throws as `ask` */
	async json<T>(method: string, path: string, question?: Question): Promise<T> {
		const response = await this.ask(method, path, question);
		try {
			return (await response.json()) as T;
		} catch {
			throw new Error(
				`${this.#url} answers, and not as applyd does; name another server with --server`,
			);
		}
	}

	/** The answer's bytes as they come. @throws as `ask`; OutOfReach if it is cut short */
	async *bytes(
		path: string,
		question?: Question,
	): AsyncGenerator<Uint8Array, void> {
		const { body } = await this.ask("GET", path, question);
		try {
			yield* body ?? [];
		} catch (error) {
			throw new OutOfReach(
				`the answer of ${this.#url} broke off: ${reasonOf(error)}`,
			);
		}
	}

	/** Server-sent events. @throws as `bytes` */
	events(path: string): AsyncGenerator<ServerEvent, void> {
		return serverEvents(this.bytes(path));
	}

	#unreached(error: unknown): OutOfReach {
		return new OutOfReach(
			`no server answers at ${this.#url} (${reasonOf(error)}); start one with applyd serve, or name another with --server or APPLYD_SERVER`,
		);
	}

	async #refusal(response: Response): Promise<Error> {
		const { status } = response;
		const text = await response.text().catch(() => "");
		const message = messageIn(text) ?? `${this.#url} answered ${status}`;
		if (status === 401)
			return new Error(
				`${this.#url} wants a key it knows: ${message}; give one with --key or APPLYD_KEY`,
			);
		if (status === 400) return new UsageError(message);
		const isAway = status === 502 || status === 503 || status === 504;
		return isAway ? new OutOfReach(message) : new Error(message);
	}
}

function messageIn(text: string): string | undefined {
	try {
		const message = JSON.parse(text)?.error?.message;
		return typeof message === "string" ? message : undefined;
	} catch {
		return undefined;
	}
}

/** `fetch` itself says no more than that it failed. */
function reasonOf(error: unknown): string {
	const { cause = error } = error as Error;
	const { code, message } = cause as NodeJS.ErrnoException;
	return code ?? message;
}
