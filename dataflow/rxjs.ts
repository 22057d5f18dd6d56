/*
 * What programs need of RxJS to follow a training. A package manager with a strict layout, such as
 * pnpm's, does not let a program import the dependencies of its dependencies.
 */
export {
  filter,
  firstValueFrom,
  lastValueFrom,
  map,
  Observable,
  takeUntil,
  takeWhile,
  tap,
} from 'rxjs';
