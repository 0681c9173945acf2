/** The type of a file by its name; what the sender said is never kept (api-contract §5.3). */
export function typeOf(name: string): string {
	const extension = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? "";
	return TYPES.get(extension) ?? "application/octet-stream";
}

const TYPES = new Map(
	Object.entries({
		avi: "video/x-msvideo",
		bmp: "image/bmp",
		css: "text/css",
		csv: "text/csv",
		gif: "image/gif",
		gz: "application/gzip",
		htm: "text/html",
		html: "text/html",
		ico: "image/x-icon",
		jpeg: "image/jpeg",
		jpg: "image/jpeg",
		js: "text/javascript",
		json: "application/json",
		md: "text/markdown",
		mov: "video/quicktime",
		mp3: "audio/mpeg",
		mp4: "video/mp4",
		ndjson: "application/x-ndjson",
		ogg: "audio/ogg",
		pdf: "application/pdf",
		png: "image/png",
		svg: "image/svg+xml",
		tar: "application/x-tar",
		tif: "image/tiff",
		tiff: "image/tiff",
		tsv: "text/tab-separated-values",
		txt: "text/plain",
		wav: "audio/wav",
		webm: "video/webm",
		webp: "image/webp",
		xml: "application/xml",
		zip: "application/zip",
	}),
);
