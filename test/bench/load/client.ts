import { connect, type Socket } from "node:net";

const HEAD_END = "\r\n\r\n";

/**
 * One keep-alive connection that sends the same prepared bytes again and again. It knows just enough
 * HTTP for that: a client that does more takes the processor from the server it measures.
 */
export class Client {
	/** Called with each whole answer; the body is what was received, not copied. */
	onAnswer: (status: number, body: Buffer) => void = () => {};
	readonly #socket: Socket;
	readonly #request: Buffer;
	readonly #onBroken: (error: Error) => void;
	#parts: Buffer[] = [];
	#haveBytes = 0;
	/** Of head and body together; 0 while the head is not complete. */
	#wantBytes = 0;
	#bodyAt = 0;
	#status = 0;
	#isClosed = false;

	private constructor(
		socket: Socket,
		request: Buffer,
		onBroken: (error: Error) => void,
	) {
		this.#socket = socket;
		this.#request = request;
		this.#onBroken = onBroken;
		socket.on("data", (chunk: Buffer) => this.#read(chunk));
		socket.on("error", (error) => this.#broken(error));
		socket.on("close", () =>
			this.#broken(new Error("the server closed the connection")),
		);
	}

	static open(
		url: URL,
		request: Buffer,
		onBroken: (error: Error) => void,
	): Promise<Client> {
		return new Promise((resolve, reject) => {
			const socket = connect(Number(url.port), url.hostname);
			socket.setNoDelay(true);
			socket.once("error", reject);
			socket.once("connect", () => {
				socket.off("error", reject);
				resolve(new Client(socket, request, onBroken));
			});
		});
	}

	send(): void {
		this.#socket.write(this.#request);
	}

	close(): void {
		this.#isClosed = true;
		this.#socket.destroy();
	}

	#read(chunk: Buffer): void {
		this.#parts.push(chunk);
		this.#haveBytes += chunk.length;
		if (this.#wantBytes === 0 && !this.#readHead()) return;
		if (this.#haveBytes < this.#wantBytes) return;
		const whole = this.#parts.length === 1 ? chunk : Buffer.concat(this.#parts);
		const isExact = this.#haveBytes === this.#wantBytes;
		const body = whole.subarray(this.#bodyAt);
		this.#parts = [];
		this.#haveBytes = 0;
		this.#wantBytes = 0;
		if (isExact) this.onAnswer(this.#status, body);
		else this.#broken(new Error("more bytes than the answer announced"));
	}

	#readHead(): boolean {
		const start =
			this.#parts.length === 1 ? this.#parts[0] : Buffer.concat(this.#parts);
		const headEnd = start?.indexOf(HEAD_END) ?? -1;
		if (!start || headEnd < 0) return false;
		const head = start.toString("latin1", 0, headEnd);
		const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
		if (length === undefined) {
			this.#broken(new Error(`an answer without Content-Length: ${head}`));
			return false;
		}
		this.#status = Number(head.slice(9, 12));
		this.#bodyAt = headEnd + HEAD_END.length;
		this.#wantBytes = this.#bodyAt + Number(length);
		return true;
	}

	#broken(error: Error): void {
		if (this.#isClosed) return;
		this.close();
		this.#onBroken(error);
	}
}

/** The bytes of a call, ready to be sent. */
export function requestBytes(url: URL, body: Buffer, key?: string): Buffer {
	const head = [
		`POST ${url.pathname}${url.search} HTTP/1.1`,
		`Host: ${url.host}`,
		"Content-Type: application/json",
		`Content-Length: ${body.length}`,
		...(key === undefined ? [] : [`Authorization: Simple ${key}`]),
	];
	return Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), body]);
}
