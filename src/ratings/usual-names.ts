/** What a column of a rating source is for. */
export type Role = 'user' | 'item' | 'rating' | 'timestamp';

/** Usual names, the most telling first; case and punctuation do not count. */
export const usualNames: Readonly<Record<Role, readonly string[]>> = {
  user: (
    'userid user uid username readerid reader customerid customer accountid account memberid ' +
    'member reviewerid reviewer visitorid visitor listenerid listener playerid player clientid'
  ).split(' '),
  item: (
    'itemid item iid movieid movie bookid book isbn productid product asin trackid track songid ' +
    'song artistid artist albumid album articleid article gameid game animeid businessid ' +
    'recipeid videoid showid contentid sku'
  ).split(' '),
  rating: (
    'rating ratings score stars starrating overall grade userrating itemrating bookrating ' +
    'movierating reviewrating reviewscore reviewoverall ratingscore'
  ).split(' '),
  timestamp: (
    'timestamp ts time datetime date unixreviewtime unixtime ratedat createdat eventtime ' +
    'ratingtimestamp'
  ).split(' '),
};

/**
 * Names of columns that say how much. Where there is no rating, one column of numbers with such a
 * name is taken for it; of several none is the obvious one.
 */
export const amountNames = new Set(
  (
    'count counts plays playcount play listens listencount listencounts clicks clickcount views ' +
    'viewcount interactions interactioncount events eventcount purchases purchasecount orders ' +
    'ordercount quantity qty amount value weight weights strength eventstrength frequency freq ' +
    'watchcount watches visits visitcount downloads downloadcount times confidence preference ' +
    'implicit hours playtime scrobbles cnt num numplays nplays playscount numlistens numclicks ' +
    'numviews numratings rate watchtime watchratio playtimeforever'
  ).split(' '),
);

/** Whether a field of that name says how much. */
export function isAmount(name: string): boolean {
  const plain = plainName(name);
  return amountNames.has(plain) || usualNames.rating.includes(plain);
}

/** Columns that describe an item or a user rather than a rating. */
export const descriptiveNames = new Set(
  'id title name genre genres author authors description year'.split(' '),
);

const all = new Set([...Object.values(usualNames).flat(), ...amountNames, ...descriptiveNames]);

/** Whether a column may be called so. Ids of items may be as well: book, game, time. */
export function isUsualName(name: string): boolean {
  return all.has(plainName(name));
}

/** Whether hardly anything but a column is called so. */
export function isTellingName(name: string): boolean {
  const plain = plainName(name);
  return all.has(plain) && telling.test(plain);
}

const telling =
  /^(user|item|ratings?|timestamp|datetime|isbn|asin|sku|title)$|(?<!^)(id|name|count|rating|time|at)$/;

/** A name without case and punctuation. */
export function plainName(name: string): string {
  return name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}
