import { hash, randomBytes } from "node:crypto";

const PREFIX = "sim";
/** 150 random bits, in the base64 alphabet (api-contract §2.1). */
const RANDOM_LENGTH = 25;

/** @returns a key of the original platform's shape, 28 characters */
export const newKey = (): string =>
	PREFIX + randomBytes(19).toString("base64").slice(0, RANDOM_LENGTH);

/** What is kept of a key. It needs no salt and no slow hash: nobody guesses 150 bits. */
export const hashOf = (key: string): string => hash("sha256", key);

/** What people see of a key. */
export const maskOf = (key: string): string => `${PREFIX}…${key.slice(-4)}`;
