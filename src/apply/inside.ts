import { type Caller, FULL_RIGHTS } from "../accounts/caller.ts";
import { AlgoError } from "../errors.ts";
import type { Exchange } from "../protocol/frames.js";
import type { Answer, Ask, AskAlgorithm } from "../protocol/messages.ts";
import type { Call } from "../runners/call.ts";
import type { Outcome } from "../runners/outcome.ts";

/** As whom code inside an algorithm acts. */
export interface Actor {
	caller: Caller;
	/** Whose algorithm it is, and the tree that its call belongs to. */
	inside: { owner: string; name: string; tree: string };
	/** Absent while it loads. */
	call: Call | undefined;
}

/**
 * In a call code acts for its caller; while it loads for its owner, who may then only read (api-contract §11.8).
 * @param algorithm `owner/name/version`
 */
export function actorOf(algorithm: string, call: Call | undefined): Actor {
	const [owner = "", name = ""] = algorithm.split("/");
	const tree = call?.root.requestId ?? `load ${algorithm}`;
	const inside = { owner, name, tree };
	if (!call) {
		const rights = { ...NO_RIGHTS, data: "read" as const };
		return {
			caller: { account: owner, rights, ownsAll: false },
			inside,
			call,
		};
	}
	// The account's rights, not its key's: a key that may call one algorithm need not name all that this one calls.
	const rights = { ...FULL_RIGHTS, manage: false };
	return { caller: { ...call.caller, rights }, inside, call };
}

const NO_RIGHTS = {
	algorithms: [],
	data: "none" as const,
	manage: false,
	web: false,
	admin: false,
};

const NOTHING = Buffer.alloc(0);

interface Answered {
	head: Answer;
	body: Uint8Array;
}

/** Starts a call as an actor; `onOutcome` is called once. */
type Start = (
	actor: Actor,
	ask: AskAlgorithm,
	body: Buffer,
	onOutcome: (outcome: Outcome) => void,
) => Promise<void>;

/** Answers what code inside an algorithm asks for over its lane. */
export class Inside {
	readonly #start: Start;

	constructor(start: Start) {
		this.#start = start;
	}

	/** Never rejects: what fails is the answer's error. */
	async answer(
		actor: Actor,
		{ head, body }: Exchange<Ask> & { body: Buffer },
	): Promise<Answered> {
		try {
			if (head.what === "algorithm")
				return await this.#callAlgorithm(actor, head, body);
			throw new AlgoError("BAD_REQUEST", `nothing answers ${head.what}`);
		} catch (error) {
			return refusal(error);
		}
	}

	#callAlgorithm(
		actor: Actor,
		ask: AskAlgorithm,
		body: Buffer,
	): Promise<Answered> {
		return new Promise((resolve, reject) => {
			const onOutcome = (outcome: Outcome) => {
				if (outcome.kind === "result" || outcome.kind === "error")
					resolve({ head: {}, body: outcome.body });
				else if (outcome.kind === "failed") reject(outcome.error);
				else reject(new AlgoError("BAD_REQUEST", outcome.reason));
			};
			this.#start(actor, ask, body, onOutcome).catch(reject);
		});
	}
}

function refusal(error: unknown): Answered {
	const { message, errorType } =
		error instanceof AlgoError
			? error
			: new AlgoError("INTERNAL", "internal error", { cause: error });
	return {
		head: { error: { message, ...(errorType && { errorType }) } },
		body: NOTHING,
	};
}
