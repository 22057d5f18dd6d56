import { useEffect, useState } from 'preact/hooks';
import type { FoundIds, ItemLists, UserLists } from '../../src/watch/lines.js';
import { ask } from '../server.js';
import { ItemList, Recommended } from './lists.js';

/** The delay from the last key to the request to the server. */
const pauseMs = 150;

type Shown = { readonly user: UserLists } | { readonly item: ItemLists };

/** A box for a user or an item: what the model recommends, why, and what is similar. */
export function ResultBox({ run, hasModel }: { readonly run: string; readonly hasModel: boolean }) {
  const [text, setText] = useState('');
  /** With the text that it was found for. */
  const [found, setFound] = useState<FoundIds & { readonly text: string }>();
  const [shown, setShown] = useState<Shown>();
  const [failure, setFailure] = useState('');

  useEffect(() => setShown(undefined), [run]);
  useEffect(() => {
    setFailure('');
    if (!hasModel) return undefined;
    let isCurrent = true;
    const timer = setTimeout(() => {
      ask<FoundIds>('/api/find', { run, text }).then(
        (answer) => isCurrent && setFound({ ...answer, text }),
        (error: Error) => isCurrent && setFailure(error.message),
      );
    }, pauseMs);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [text, run, hasModel]);

  const showUser = (user: string) =>
    ask<UserLists>('/api/user', { run, user }).then(
      (answer) => setShown({ user: answer }),
      (error: Error) => setFailure(error.message),
    );
  const showItem = (item: string) =>
    ask<ItemLists>('/api/item', { run, item }).then(
      (answer) => setShown({ item: answer }),
      (error: Error) => setFailure(error.message),
    );
  /** Enter takes the first suggestion. */
  const showFirst = async ({ users: [user], items: [item] }: FoundIds) => {
    if (user !== undefined) await showUser(user);
    else if (item !== undefined) await showItem(item.id);
  };
  const isNothing = found !== undefined && found.users.length + found.items.length === 0;

  return (
    <section aria-labelledby="result">
      <h2 id="result">Ask the model</h2>
      {hasModel ? (
        <>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              ask<FoundIds>('/api/find', { run, text }).then(showFirst, (error: Error) =>
                setFailure(error.message),
              );
            }}
          >
            <label class="search">
              <span>User id, or words of a title</span>
              <input
                type="search"
                value={text}
                onInput={(event) => setText(event.currentTarget.value)}
              />
            </label>
          </form>
          <p class="warning" role="alert">
            {failure}
          </p>
          {isNothing && <p class="quiet">No user and no item is called that.</p>}
          {found !== undefined && !isNothing && (
            <ul class="found">
              {found.text.trim() === '' && <li class="quiet">for example</li>}
              {found.users.map((id) => (
                <li key={`user ${id}`}>
                  <button type="button" onClick={() => showUser(id)}>
                    user {id}
                  </button>
                </li>
              ))}
              {found.items.map(({ id, title }) => (
                <li key={`item ${id}`}>
                  <button type="button" onClick={() => showItem(id)}>
                    {title}
                  </button>
                </li>
              ))}
            </ul>
          )}
          <div aria-live="polite">
            {shown !== undefined && 'user' in shown && (
              <Recommended run={run} lists={shown.user} onItem={showItem} />
            )}
            {shown !== undefined && 'item' in shown && (
              <>
                <h3>Most similar to {shown.item.title}</h3>
                <ItemList items={shown.item.similar} onItem={showItem} />
              </>
            )}
          </div>
        </>
      ) : (
        <p class="quiet">The model can be asked when it is trained.</p>
      )}
    </section>
  );
}
