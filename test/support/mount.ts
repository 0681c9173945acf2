import { execFileSync } from "node:child_process";
import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Whether this user may mount a file system: a small one is soon full. */
export function canMount(): boolean {
	const folder = mkdtempSync(join(tmpdir(), "applyd-test-"));
	try {
		execFileSync("mount", ["-t", "tmpfs", "none", folder], { stdio: "ignore" });
		execFileSync("umount", [folder]);
		return true;
	} catch {
		return false;
	} finally {
		rmdirSync(folder);
	}
}
