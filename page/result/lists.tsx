import { useState } from 'preact/hooks';
import type { ListedItem, Reasons, UserLists } from '../../src/watch/lines.js';
import { figure } from '../format.js';
import { ask } from '../server.js';

/** Items with their scores; a click looks at one. */
export function ItemList({
  items,
  onItem,
}: {
  readonly items: readonly ListedItem[];
  readonly onItem: (id: string) => void;
}) {
  return (
    <ol class="items">
      {items.map(({ id, title, score }) => (
        <li key={id}>
          <button type="button" class="plain" onClick={() => onItem(id)}>
            {title}
          </button>{' '}
          <span class="quiet">{figure(score)}</span>
        </li>
      ))}
    </ol>
  );
}

/** What a user rated highest, and what the model recommends, with reasons when asked. */
export function Recommended({
  run,
  lists: { user, rated, recommended },
  onItem,
}: {
  readonly run: string;
  readonly lists: UserLists;
  readonly onItem: (id: string) => void;
}) {
  return (
    <div class="columns">
      <div>
        <h3>Recommended for user {user}</h3>
        <ol class="items">
          {recommended.map((item) => (
            <Recommendation key={`${user} ${item.id}`} run={run} user={user} item={item} />
          ))}
        </ol>
      </div>
      {rated.length > 0 && (
        <div>
          <h3>Rated highest</h3>
          <ItemList items={rated} onItem={onItem} />
        </div>
      )}
    </div>
  );
}

function Recommendation({
  run,
  user,
  item,
}: {
  readonly run: string;
  readonly user: string;
  readonly item: ListedItem;
}) {
  const [reasons, setReasons] = useState<Reasons>();
  const [failure, setFailure] = useState('');
  const explain = () => {
    if (reasons !== undefined) return setReasons(undefined);
    ask<Reasons>('/api/why', { run, user, item: item.id }).then(setReasons, (error: Error) =>
      setFailure(error.message),
    );
  };
  return (
    <li>
      <span>{item.title}</span> <span class="quiet">{figure(item.score)}</span>{' '}
      <button
        type="button"
        class="why"
        aria-expanded={reasons !== undefined}
        aria-label={`why ${item.title}`}
        onClick={explain}
      >
        why
      </button>
      {failure !== '' && <p class="warning">{failure}</p>}
      {reasons !== undefined && (
        <ul class="reasons">
          {reasons.contributions.map(({ id, title, rating, score }) => (
            <li key={id}>
              <strong>
                {score < 0 ? '−' : '+'}
                {figure(Math.abs(score))}
              </strong>{' '}
              rated {figure(rating)}: {title}
            </li>
          ))}
          <li class="quiet">{figure(reasons.others + reasons.baseline)} from everything else</li>
        </ul>
      )}
    </li>
  );
}
