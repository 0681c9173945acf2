import { lstat, readdir, readlink, stat } from "node:fs/promises";
import { dirname, join } from "node:path";

/** One place in the file system that a worker process sees, and what is there. */
export interface Mount {
	target: string;
	/** For bwrap. */
	args: readonly string[];
}

/** Folders of programs and libraries; where they are links into /usr, links. */
const SYSTEM = ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];

/**
 * What programs look up in /etc: names, time, libraries, certificates, types, fonts, Java. Nothing that holds a secret,
 * and no more than is asked for in practice: each takes bwrap 0.2 ms.
 */
const ETC =
	/^(passwd|group|nsswitch\.conf|hosts|resolv\.conf|services|protocols|localtime|ld\.so\.cache|os-release|alternatives|crypto-policies|mime\.types|fonts|java-.*|ImageMagick-.*)$/;
/** Without the private keys that lie beside them. */
const CERTIFICATES = [
	"/etc/ssl/certs",
	"/etc/ssl/cert.pem",
	"/etc/ssl/openssl.cnf",
	"/etc/pki/tls/certs",
	"/etc/pki/tls/cert.pem",
	"/etc/pki/tls/openssl.cnf",
	"/etc/pki/ca-trust/extracted",
];
/** How many processors there are, and how they belong together: libraries choose their threads by it. */
const TOPOLOGY = ["/sys/devices/system/cpu", "/sys/devices/system/node"];

export const readable = (path: string): Mount => ({
	target: path,
	args: ["--ro-bind-try", path, path],
});

/** A device stays one only if that is said. */
export const writable = (path: string): Mount => ({
	target: path,
	args: [path.startsWith("/dev/") ? "--dev-bind" : "--bind", path, path],
});

/** What every worker process sees of this machine. */
export async function systemView(): Promise<Mount[]> {
	const names = await readdir("/etc").catch(() => []);
	const etc = names
		.filter((name) => ETC.test(name))
		.map((name) => join("/etc", name));
	const mounts = ["/usr", ...etc, ...CERTIFICATES, ...TOPOLOGY].map(readable);
	for (const path of SYSTEM) {
		const entry = await lstat(path).catch(() => undefined);
		if (entry?.isSymbolicLink())
			mounts.push({
				target: path,
				args: ["--symlink", await readlink(path), path],
			});
		else if (entry) mounts.push(readable(path));
	}
	return mounts;
}

/** What Node looks for in the folders above a module, as far as that is packages and their description. */
export function packagesAbove(folder: string): Mount[] {
	const mounts: Mount[] = [];
	for (let above = dirname(folder); ; above = dirname(above)) {
		mounts.push(readable(join(above, "node_modules")));
		mounts.push(readable(join(above, "package.json")));
		if (above === dirname(above)) return mounts;
	}
}

/** Covers what must not be seen, where something around it is. */
export async function covers(paths: readonly string[]): Promise<Mount[]> {
	const mounts: Mount[] = [];
	for (const target of paths) {
		const entry = await stat(target).catch(() => undefined);
		if (entry?.isDirectory())
			mounts.push({ target, args: ["--tmpfs", target] });
		else if (entry)
			mounts.push({ target, args: ["--ro-bind", "/dev/null", target] });
	}
	return mounts;
}
