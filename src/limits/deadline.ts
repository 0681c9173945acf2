import { type AlgoError, timedOut } from '../errors.ts'

/** The longest delay that setTimeout takes. */
const MAX_DELAY_MS = 2 ** 31 - 1

/** Whatever can run out of time. */
interface Endable {
  readonly remainingMs: number
  end(error: AlgoError): void
}

/** Ends a call with TIMED_OUT when its time is up. @returns the timer, to be cleared when the call is over */
export function startDeadline(call: Endable): NodeJS.Timeout {
  return setTimeout(() => call.end(timedOut()), Math.min(MAX_DELAY_MS, Math.max(0, call.remainingMs)))
}
