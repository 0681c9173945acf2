import { Piscina } from "piscina";

/** A thread's result that goes back without being copied. @param transfer memory in it */
export function moved<Result extends object>(
	result: Result,
	transfer: ArrayBuffer[],
): object {
	const movable = {
		[Piscina.transferableSymbol]: transfer,
		[Piscina.valueSymbol]: result,
	};
	return Piscina.move(movable as unknown as ArrayBuffer); // its types know nothing else
}
