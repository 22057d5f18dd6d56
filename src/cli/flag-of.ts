/** The name of the flag that sets an option of the library, without dashes: `cg-steps`. */
export function flagOf(option: string): string {
  return option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
