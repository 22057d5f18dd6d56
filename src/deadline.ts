/**
 * Rejects with what `late` makes if `work` takes longer than `ms` milliseconds; what it then still
 * does is nobody's any more. The process stays up that long: who waits must hear of it.
 */
export async function withDeadline<Result>(
  work: Promise<Result>,
  ms: number,
  late: () => Error,
): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), ms);
  });
  // It may fail when nobody waits for it any more.
  work.catch(() => {});
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
