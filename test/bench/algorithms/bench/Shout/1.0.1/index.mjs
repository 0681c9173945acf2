// The same as a version of its own: it has its own workers, so its calls and those of 1.0.0 share nothing but the server.
export { apply } from "../1.0.0/index.mjs";
