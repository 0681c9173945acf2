import { EventEmitter } from "node:events";
import type { ErrorCode } from "./errors.ts";

/** What the engine tells while it works; metrics and logs listen, nobody answers. */
export interface EngineEvents {
	/** A call has its outcome. */
	call: [CallEvent];
	/** Items of a list, a stream or a job have their outcomes. */
	items: [{ algorithm: string; succeeded: number; failed: number }];
	/** Single calls went to a worker to be run together. */
	batch: [{ algorithm: string; items: number; released: Released }];
	/** A request never became a call: an unknown name, a full queue, a body too large. */
	refusal: [{ code: ErrorCode; requestId: string; message: string }];
	/** A worker came, went, or began or ended a call. */
	worker: [{ algorithm: string; change: "starting" | "ready" | "gone" }];
	/** Running code was ended by us, or ended itself. */
	kill: [
		{
			algorithm: string;
			cause: KillCause;
			what: "thread" | "process";
			detail?: string;
		},
	];
	/** The author's code printed something outside an answer, or threw where nobody listened. */
	output: [{ algorithm: string; requestId: string | null; text: string }];
	stray: [
		{
			algorithm: string;
			requestId: string | null;
			message: string;
			stack?: string;
		},
	];
	/** A job that this server runs began, stands still, goes on, or is over. */
	job: [JobEvent];
	/** A listener is done with a message, or gave it back. */
	message: [MessageEvent];
	/** A listener began, was paused or resumed, cannot go on, goes on, or ended. */
	listener: [{ listener: string; change: ListenerChange; reason?: string }];
	/** Something of the server's own went wrong in the background; it goes on. */
	fault: [{ where: string; error: unknown }];
	/** The walls around author code: those that are up, and why others that are wanted are not. */
	containment: [{ up: string[]; missing: Record<string, string> }];
	/** A version's folder was found, changed, broken or removed. */
	algorithm: [
		{
			algorithm: string;
			change: "added" | "changed" | "broken" | "removed";
			error?: string;
		},
	];
}

export type KillCause =
	| "timeout"
	| "client-gone"
	| "memory"
	| "processes"
	| "exit"
	| "crash"
	| "load-timeout"
	| "shutdown";

export type ListenerChange =
	| "running"
	| "paused"
	| "failing"
	| "reloaded"
	| "ended";

export interface MessageEvent {
	listener: string;
	messageId: string;
	/** Of the last attempt; absent if there was none. */
	requestId: string | undefined;
	/**
	 * `retried`: it failed and is tried again; `returned`: the server was busy or is ending; `known`: it was done before, and came
	 * again.
	 */
	outcome: "succeeded" | "retried" | "returned" | "dead" | "known";
	/** Attempts that have failed. */
	attempts: number;
	/** Since it came. */
	totalMs: number;
	error: string | undefined;
}

export interface JobEvent {
	job: string;
	algorithm: string;
	account: string;
	change: "running" | "paused" | "completed" | "failed" | "cancelled" | "left";
	/** Why it is paused or has failed. */
	reason?: string;
}

/**
 * Why a batch left for its worker: it was full; it had waited long enough; a worker was free and nothing else seemed
 * to come; it had gathered while no worker was free.
 */
export type Released = "full" | "waited" | "idle" | "busy";

export interface CallEvent {
	algorithm: string;
	requestId: string;
	account: string;
	/** The request of the call whose code made this one. */
	parentId: string | undefined;
	/** `ok`, an `error_type`, or the code of a refusal. */
	outcome: string;
	/** From admission to outcome. */
	totalMs: number;
	/** Inside `apply`. */
	runMs: number;
	bytesIn: number;
	bytesOut: number;
}

export class Events extends EventEmitter<EngineEvents> {}
