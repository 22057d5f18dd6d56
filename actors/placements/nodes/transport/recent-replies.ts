/** Number of subjects that are remembered. */
const maxSubjects = 4_096;

/** Subjects that this connection has replied to recently, and whether more than once. */
export class RecentReplies {
  /** By subject, oldest first: how often. */
  readonly #counts = new Map<string, number>();

  /** Notes a reply. */
  note(subject: string | undefined): void {
    if (subject === undefined) return;
    const count = this.#counts.get(subject) ?? 0;
    this.#counts.delete(subject);
    this.#counts.set(subject, count + 1);
    if (this.#counts.size <= maxSubjects) return;
    const [oldest] = this.#counts.keys();
    this.#counts.delete(oldest!);
  }

  /** Whether a subject was replied to more than once. */
  wasRepeated(subject: string): boolean {
    return (this.#counts.get(subject) ?? 0) > 1;
  }
}
