/** How an install went; `nothing` where nothing is declared. */
export type Installed = "installed" | "up to date" | "nothing";

/** Is told what is being done. */
export type Tell = (text: string) => void;
