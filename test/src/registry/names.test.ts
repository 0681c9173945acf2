import { describe, expect, it } from "vitest";
import {
	MAX_NAME_LENGTH,
	MAX_OWNER_LENGTH,
	nameFault,
	versionFault,
} from "../../../src/registry/names.ts";

describe("a name", () => {
	it.each(["a", "Z", "demo", "Hello_2", "x9_", "JavaAddOne"])(
		"may be %j",
		(name) => {
			expect(nameFault(name, 30)).toBeUndefined();
		},
	);

	it.each([
		"",
		"9lives",
		"_hidden",
		"with-dash",
		"with.dot",
		"with space",
		"..",
		"a/b",
		"Müller",
		"é",
		"naïve",
		"名前",
		"a\n",
		"a\0",
	])("may not be %j", (name) => {
		expect(nameFault(name, 30)).toContain("is no name");
	});

	it("may be as long as its bound and no longer", () => {
		expect(MAX_OWNER_LENGTH).toBe(30);
		expect(MAX_NAME_LENGTH).toBe(100);
		expect(nameFault("a".repeat(30), 30)).toBeUndefined();
		expect(nameFault("a".repeat(31), 30)).toBe("is longer than 30 characters");
	});
});

describe("a version", () => {
	it.each(["0.0.0", "0.1.0", "1.0.5", "10.20.30", "999999999.0.1"])(
		"may be %j",
		(version) => {
			expect(versionFault(version)).toBeUndefined();
		},
	);

	it.each([
		"",
		"1",
		"1.2",
		"1.2.3.4",
		"v1.2.3",
		"01.2.3",
		"1.02.3",
		"1.2.03",
		"1.2.3-beta",
		"1.2.x",
		"-1.2.3",
		"1.2.3 ",
		"1.2.3\n",
		"١.٢.٣",
	])("may not be %j", (version) => {
		expect(versionFault(version)).toContain("is no version");
	});
});
