import type { Observable } from 'rxjs';

/**
 * An RxJS operator that carries its name in its type, so that the compiler's message about a
 * pipeline that does not fit names the stage that is in the wrong place:
 *
 *     Argument of type 'Stage<"holdout", Ratings, RatingsSplit>' is not assignable to parameter of
 *     type 'OperatorFunction<TrainingEvent, RatingsSplit>'
 *
 * It goes wherever an `OperatorFunction<In, Out>` does, with RxJS's operators and your own between.
 * What RxJS's `pipe` makes of stages takes any source, so give it a type where you keep it:
 *
 *     const fit: OperatorFunction<Ratings, TrainingEvent> = pipe(holdout(), train());
 */
export interface Stage<Name extends string, In, Out> {
  /** Puts the stage behind a source; nothing is subscribed. */
  (source: Observable<In>): Observable<Out>;
  /**
   * This overload cannot be called: its second argument has no value. TypeScript infers from the
   * last signature what the stage before has to give; without this one it would report the mistake
   * there.
   */
  // biome-ignore lint/suspicious/noExplicitAny: only `any` lets the stage before decide.
  (source: Observable<In> | Observable<any>, unusable: never): Observable<Out>;
  /** In the type only: never set. */
  readonly stage?: Name;
}
