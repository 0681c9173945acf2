/**
 * @typedef {object} Bench What a worker has to run items with.
 * @property {import("./lane.js").Lane} lane
 * @property {import("./turn.js").Turn} turn
 * @property {import("./outbox.js").Outbox} outbox
 * @property {import("./asks.js").Asks} asks
 * @property {import("./load.js").Module} module
 * @property {unknown} loaded what `load` returned
 * @property {import("./schema.js").Check} checkInput
 * @property {import("./schema.js").Check} checkOutput
 * @property {import("../../protocol/messages.ts").Load} load
 * @property {boolean} isAsync whether items have been seen that do not answer at once
 * @property {(many: import("./open-call.js").OpenSlice | import("./open-call.js").OpenBatch) => void} onEnd all has ended, and that is not said yet
 */

export {};
