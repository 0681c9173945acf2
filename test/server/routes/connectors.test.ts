import { expect, test } from "vitest";
import { ask } from "../../support/ask.ts";
import { shareServer } from "../support.ts";

const server = shareServer();
const PATH = "/v1/users/local/connectors";
const body = {
	username: "local",
	label: "lab",
	protocol: "s3",
	cred_type: "iam",
	cred_data: { access_key_id: "id", secret_access_key: "very secret" },
};

test("a connector is made, shown without its secret, and removed", async () => {
	const made = await ask(server.url, "POST", PATH, JSON.stringify(body), {
		"content-type": "application/json",
	});
	expect(made.status).toBe(200);
	expect(JSON.parse(made.text)).toEqual({
		connector_id: "s3+lab",
		username: "local",
		label: "lab",
		protocol: "s3",
		is_default: false,
		permissions: [{ path: "*", writeable: false }],
	});
	const written = await ask(server.url, "PUT", "/v1/data/s3+lab://bucket/x");
	expect(written.status).toBe(403);
	expect(JSON.parse(written.text).error).toMatchObject({
		code: 2001,
		message: "the connector does not allow this: it is for reading only",
	});
	const unlabelled = await ask(server.url, "GET", "/v1/connector/s3/bucket/x");
	expect([unlabelled.status, JSON.parse(unlabelled.text)]).toEqual([
		404,
		{ error: { message: "connector s3 not found" } },
	]);
	const removed = await ask(server.url, "DELETE", `${PATH}/s3%2Blab`);
	expect(removed.status).toBe(204);
	const again = await ask(server.url, "DELETE", `${PATH}/s3+lab`);
	expect(again.status).toBe(404);
});

test("a connector of another protocol is said to be not implemented, by name", async () => {
	const { status, text } = await ask(
		server.url,
		"POST",
		PATH,
		JSON.stringify({ ...body, protocol: "dropbox" }),
	);
	expect(status).toBe(501);
	expect(text).toContain("dropbox");
});
