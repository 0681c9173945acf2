// The image's HEALTHCHECK; the image has no curl.
const url = `http://127.0.0.1:${process.env.APPLYD_PORT || 8080}/livez`;
try {
	const { status } = await fetch(url, { signal: AbortSignal.timeout(4000) });
	if (status !== 200) throw new Error(`status ${status}`);
	process.exit(0);
} catch (error) {
	process.stderr.write(`${url}: ${error.cause?.message ?? error.message}\n`);
	process.exit(1);
}
