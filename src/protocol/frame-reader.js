import { HEAD_BYTES, MAX_FRAME_BYTES } from "./frames.js";

const NONE = Buffer.alloc(0);

/**
 * Cuts a stream of chunks into frames. Whole frames inside a chunk are views of it; a frame that spans
 * chunks is gathered as they come, so a 10 MB body is copied one time, and never all of it at once.
 */
export class FrameReader {
	/** A longer frame is none of this protocol's. */
	maxBytes = MAX_FRAME_BYTES;
	/** Of the frame that has begun, the head; then `#frame` has room for all of it. */
	#head = Buffer.alloc(HEAD_BYTES);
	#frame = NONE;
	#have = 0;

	/**
	 * @param {Buffer} chunk
	 * @param {(kind: number, payload: Buffer) => void} onFrame
	 * @throws {RangeError} a frame over maxBytes: the other side does not speak this protocol
	 */
	push(chunk, onFrame) {
		let at = 0;
		while (at < chunk.length) {
			const isWhole =
				this.#have === 0 &&
				chunk.length - at >= HEAD_BYTES &&
				chunk.length - at >= this.#frameBytes(chunk, at);
			if (isWhole) {
				const end = at + this.#frameBytes(chunk, at);
				onFrame(
					/** @type {number} */ (chunk[at + 4]),
					chunk.subarray(at + HEAD_BYTES, end),
				);
				at = end;
			} else {
				at += this.#gather(chunk, at);
				if (this.#have < HEAD_BYTES || this.#have < this.#frame.length)
					continue;
				const frame = this.#frame;
				this.#have = 0;
				this.#frame = NONE;
				onFrame(/** @type {number} */ (frame[4]), frame.subarray(HEAD_BYTES));
			}
		}
	}

	/**
	 * Takes what the chunk has of the frame that has begun, or of its head as long as that is not whole.
	 * @param {Buffer} chunk
	 * @param {number} at
	 * @returns {number} bytes taken
	 */
	#gather(chunk, at) {
		const isHead = this.#have < HEAD_BYTES;
		const room = isHead ? this.#head : this.#frame;
		const taken = chunk.copy(room, this.#have, at);
		this.#have += taken;
		if (isHead && this.#have === HEAD_BYTES) {
			this.#frame = Buffer.allocUnsafe(this.#frameBytes(this.#head, 0));
			this.#head.copy(this.#frame);
		}
		return taken;
	}

	/**
	 * @param {Buffer} bytes
	 * @param {number} at where a frame begins
	 * @returns {number} the length of the whole frame
	 * @throws {RangeError}
	 */
	#frameBytes(bytes, at) {
		const length = HEAD_BYTES + bytes.readUInt32LE(at);
		if (length > this.maxBytes)
			throw new RangeError(
				`a frame of ${length} bytes, more than ${this.maxBytes}`,
			);
		return length;
	}
}
