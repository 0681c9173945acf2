import { CsvCutter } from "../items/csv-cutter.ts";
import { linesOfRows } from "../items/csv-rows.ts";
import type { Cut, Cutter } from "../items/cut.ts";
import { LineCutter } from "../items/line-cutter.ts";
import { ListCutter } from "../items/list-cutter.ts";
import type { JobFormat } from "./job.ts";
import type { JobInput } from "./job-input.ts";

/** Where a cutter begins. */
export interface Position {
	firstIndex: number;
	startByte: number;
}

export interface CuttingOptions {
	format: JobFormat;
	csvTypes: "text" | "infer" | undefined;
	maxItemBytes: number;
}

/** How an input of a format becomes items, from any place on. */
export class Cutting {
	readonly #input: JobInput;
	readonly #options: CuttingOptions;
	/** Of CSV. */
	#header: Buffer | undefined;

	constructor(input: JobInput, options: CuttingOptions) {
		this.#input = input;
		this.#options = options;
	}

	/** @throws AlgoError as `JobInput.read`; BAD_REQUEST: there is no header */
	async cutterAt(position: Position): Promise<Cutter> {
		const { format, maxItemBytes } = this.#options;
		const options = { ...position, maxItemBytes };
		if (format === "json") return new ListCutter(options);
		if (format !== "csv") return new LineCutter(options);
		if (position.startByte === 0) return new CsvCutter(options);
		const header = await this.#findHeader();
		return new CsvCutter({ ...options, header });
	}

	/** The same items as they can be run. @throws AlgoError BAD_REQUEST: the header is none */
	async runnable(cut: Cut, cutter: Cutter): Promise<Cut[]> {
		if (!(cutter instanceof CsvCutter)) return [cut];
		const { header = Buffer.alloc(0) } = cutter;
		const infer = this.#options.csvTypes === "infer";
		return linesOfRows(cut, { header, infer });
	}

	/** From the beginning of the input. */
	async #findHeader(): Promise<Buffer> {
		if (this.#header) return this.#header;
		const { maxItemBytes } = this.#options;
		const cutter = new CsvCutter({ maxItemBytes });
		for (let at = 0; !cutter.header && !cutter.isDone; ) {
			const chunk = await this.#input.read(at);
			if (chunk) cutter.push(chunk);
			else cutter.finish();
			at += chunk?.length ?? 0;
			cutter.take(1, 1);
		}
		this.#header = cutter.header ?? Buffer.alloc(0);
		return this.#header;
	}
}
