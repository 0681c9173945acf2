import { randomUUID } from "node:crypto";

/** A name for a call (api-contract §3.7). */
export const newRequestId = (): string => `req-${randomUUID()}`;
