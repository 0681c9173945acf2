import { Readable } from "node:stream";
import type { S3Client } from "@aws-sdk/client-s3";
import type {
	ByteRange,
	Driver,
	ListOptions,
	ObjectInfo,
	OpenObject,
	Page,
	PutOptions,
	Stored,
} from "../../driver.ts";
import { Hashing } from "../../hashing.ts";
import { type Bucket, connect, loadSdk, type Sdk } from "./client.ts";
import { faultOf, isChanged, isMissing } from "./fault.ts";
import { infoOf, partFrom, rangeHeader } from "./wire.ts";

/** Larger objects are sent in parts of this size; S3 allows 10 000 of them. */
const PART_BYTES = 16 * 2 ** 20;
/** Parts on their way at a time: with their size, the memory of one upload. */
const PARTS_AT_ONCE = 2;
/** S3 copies no larger object in one go. */
const MAX_COPY_BYTES = 5 * 2 ** 30;
/** S3 deletes no more at a time. */
const MAX_DELETES = 1000;
/** Sorts behind everything in a folder. */
const LAST_CHARACTER = "\u{10ffff}";

/** Objects in a bucket of any S3-compatible server, below a prefix. */
export class S3Driver implements Driver {
	readonly #sdk: Sdk;
	readonly #client: S3Client;
	readonly #bucket: string;
	readonly #prefix: string;

	private constructor(sdk: Sdk, bucket: Bucket, prefix: string) {
		this.#sdk = sdk;
		this.#client = connect(sdk, bucket);
		this.#bucket = bucket.name;
		this.#prefix = prefix === "" ? "" : `${prefix}/`;
	}

	/** @param prefix of all keys, without `/` at its end; "" for none */
	static async open(bucket: Bucket, prefix: string): Promise<S3Driver> {
		return new S3Driver(await loadSdk(), bucket, prefix);
	}

	/** @throws Error saying why the bucket cannot be used */
	async check(): Promise<void> {
		try {
			await this.#client.send(
				new this.#sdk.HeadBucketCommand({ Bucket: this.#bucket }),
			);
		} catch (error) {
			const why = isMissing(error) ? "it is not there" : String(error);
			throw new Error(`the bucket ${this.#bucket} cannot be used: ${why}`, {
				cause: error,
			});
		}
	}

	async put(
		key: string,
		content: Readable,
		{ onlyIfAbsent = false }: PutOptions = {},
	): Promise<Stored> {
		const hashing = new Hashing(content);
		const upload = new this.#sdk.Upload({
			client: this.#client,
			params: {
				...this.#at(key),
				Body: Readable.from(hashing.read(), { objectMode: false }),
				...(onlyIfAbsent && { IfNoneMatch: "*" }),
			},
			partSize: PART_BYTES,
			queueSize: PARTS_AT_ONCE,
		});
		try {
			const { ETag: tag = "" } = await upload.done();
			const stored = hashing.stored();
			if (tag.includes("-")) await this.#noteMd5(key, tag, stored);
			return stored;
		} catch (error) {
			throw hashing.failure ?? faultOf(error);
		}
	}

	async get(key: string, range?: ByteRange): Promise<OpenObject | undefined> {
		try {
			const found = await this.#client.send(
				new this.#sdk.GetObjectCommand({
					...this.#at(key),
					...(range && { Range: rangeHeader(range) }),
				}),
			);
			const { bytes, part } = partFrom(found);
			return {
				...infoOf(found),
				bytes,
				part,
				stream: found.Body as Readable,
			};
		} catch (error) {
			if (isMissing(error)) return undefined;
			throw faultOf(error);
		}
	}

	async head(key: string): Promise<ObjectInfo | undefined> {
		try {
			return infoOf(
				await this.#client.send(new this.#sdk.HeadObjectCommand(this.#at(key))),
			);
		} catch (error) {
			if (isMissing(error)) return undefined;
			throw faultOf(error);
		}
	}

	async delete(keys: readonly string[]): Promise<void> {
		for (let start = 0; start < keys.length; start += MAX_DELETES)
			await this.#deleteSome(keys.slice(start, start + MAX_DELETES));
	}

	async #deleteSome(keys: readonly string[]): Promise<void> {
		const { Errors: errors = [] } = await this.#client
			.send(
				new this.#sdk.DeleteObjectsCommand({
					Bucket: this.#bucket,
					Delete: {
						Objects: keys.map((key) => ({ Key: this.#prefix + key })),
						Quiet: true,
					},
				}),
			)
			.catch(rethrow);
		const [first] = errors.filter(({ Code }) => Code !== "NoSuchKey");
		if (first)
			throw new Error(`${first.Key} was not deleted: ${first.Message}`);
	}

	async list(folder: string, { after, limit }: ListOptions): Promise<Page> {
		const prefix = this.#prefix + (folder === "" ? "" : `${folder}/`);
		const startAfter =
			after !== undefined &&
			prefix + after + (after.endsWith("/") ? LAST_CHARACTER : "");
		const found = await this.#client
			.send(
				new this.#sdk.ListObjectsV2Command({
					Bucket: this.#bucket,
					Prefix: prefix,
					Delimiter: "/",
					MaxKeys: limit,
					...(startAfter && { StartAfter: startAfter }),
				}),
			)
			.catch(rethrow);
		const folders = (found.CommonPrefixes ?? []).map(({ Prefix = "" }) =>
			Prefix.slice(prefix.length),
		);
		const files = (found.Contents ?? [])
			.map(({ Key = "", Size = 0, LastModified }) => ({
				name: Key.slice(prefix.length),
				bytes: Size,
				modifiedMs: LastModified?.getTime() ?? 0,
			}))
			.filter(({ name }) => name !== ""); // a folder's own marker, which some tools make
		const lastFolder = folders.at(-1) ?? "";
		const lastFile = files.at(-1)?.name ?? "";
		const last = isBefore(lastFile, lastFolder) ? lastFolder : lastFile;
		return {
			folders: folders.map((name) => name.slice(0, -1)),
			files,
			...(found.IsTruncated && last !== "" && { last }),
		};
	}

	close(): void {
		this.#client.destroy();
	}

	#at(key: string): { Bucket: string; Key: string } {
		return { Bucket: this.#bucket, Key: this.#prefix + key };
	}

	/**
	 * The ETag of an object that came in parts is no MD5. The store notes the MD5 beside it by copying the object onto
	 * itself, unless a later put has replaced it already. Without the note, the store's own ETag is shown.
	 */
	async #noteMd5(key: string, tag: string, stored: Stored): Promise<void> {
		if (stored.bytes > MAX_COPY_BYTES) {
			stored.etag = tag.replaceAll('"', "");
			return;
		}
		const source = `${this.#bucket}/${this.#prefix}${key}`;
		await this.#client
			.send(
				new this.#sdk.CopyObjectCommand({
					...this.#at(key),
					CopySource: source.split("/").map(encodeURIComponent).join("/"),
					CopySourceIfMatch: tag,
					MetadataDirective: "REPLACE",
					Metadata: { md5: stored.etag },
				}),
			)
			.catch((error) => {
				if (!isChanged(error) && !isMissing(error)) throw error;
			});
	}
}

const rethrow = (error: unknown): never => {
	throw faultOf(error);
};

/** In the order of UTF-8, which is S3's. */
const isBefore = (a: string, b: string): boolean =>
	Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;
