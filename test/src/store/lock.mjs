// Locks the database named by its argument, says so, and lets go when told.
import { DatabaseSync } from "node:sqlite";

const database = new DatabaseSync(process.argv[2] ?? "");
database.exec("BEGIN EXCLUSIVE");
process.once("message", () => database.exec("ROLLBACK"));
process.send?.("locked");
