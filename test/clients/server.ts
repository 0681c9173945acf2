import { EXAMPLES, FIXTURES } from "../support/app.ts";
import { type ServerProcess, startProcess } from "../support/process.ts";

/** A started server with the examples and the fixtures. */
export const startServer = (args: string[] = []): Promise<ServerProcess> =>
	startProcess(["--algorithms", `${EXAMPLES}:${FIXTURES}`, ...args]);

/** What the documentation of every client names. Nobody looks at the key while none is asked for. */
export const clientEnvironment = (
	server: ServerProcess,
	key = "simabcd123",
): NodeJS.ProcessEnv => ({
	...process.env,
	ALGORITHMIA_API: server.url,
	ALGORITHMIA_API_KEY: key,
});
