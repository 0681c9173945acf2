import { expect, test } from "vitest";
import {
	fromFileName,
	toFileName,
} from "../../../../../src/data/drivers/fs/file-name.ts";

test.each([
	["a.txt", "a.txt"],
	["A.txt", "%41.txt"],
	["Straße", "%53tra%c3%9fe"],
	[".", "%2e"],
	["..", "%2e%2e"],
	[".hidden", "%2ehidden"],
	["ends.", "ends%2e"],
	["100%", "100%25"],
	["a\\b:c", "a%5cb%3ac"],
	["con", "%63on"],
	["aux.h", "%61ux.h"],
	["console", "console"],
	["日本", "日本"],
	["\u00e9", "%c3%a9"],
	["e\u0301", "e%cc%81"],
])("%j is stored as %j, and found again", (name, fileName) => {
	expect(toFileName(name)).toBe(fileName);
	expect(fromFileName(fileName)).toBe(name);
});

test("no stored name changes with a disk's case or normal form", () => {
	for (let code = 1; code < 0x1_10_00; code++) {
		const fileName = toFileName(`x${String.fromCodePoint(code)}y`);
		expect(fileName.toUpperCase().toLowerCase()).toBe(fileName);
		expect(fileName.normalize("NFD")).toBe(fileName);
		expect(fileName.normalize("NFC")).toBe(fileName);
	}
});

test("a name too long for a disk is refused with its size and the limit", () => {
	expect(toFileName("a".repeat(255))).toHaveLength(255);
	expect(() => toFileName("A".repeat(86))).toThrow(
		/takes 258 bytes on disk, the limit is 255/,
	);
});

test("a name that was not made here is nobody's", () => {
	expect(fromFileName(".unfinished")).toBeUndefined();
	expect(fromFileName("%zz")).toBeUndefined();
});
