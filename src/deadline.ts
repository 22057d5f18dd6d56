/**
 * Rejects with what `late` makes if `work` takes longer than `ms` milliseconds; its later result is
 * ignored. The timer keeps the process alive, so that the caller gets the rejection.
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
  // It may fail after the deadline; that failure is ignored.
  work.catch(() => {});
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
