import { defineConfig } from "vitest/config";

export default defineConfig({
	test: {
		include: ["test/**/*.test.ts"],
		pool: "forks",
		maxWorkers: 2,
		// Bounds for a busy machine; no test asserts a time of its own near them.
		testTimeout: 30_000,
		hookTimeout: 30_000,
	},
});
