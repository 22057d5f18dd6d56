import type { ComponentChildren } from 'preact';

/** Something wide or long that scrolls by itself, also by keys. */
export function Scroll({
  label,
  isShort = false,
  children,
}: {
  readonly label: string;
  readonly isShort?: boolean;
  readonly children: ComponentChildren;
}) {
  return (
    <section
      class={isShort ? 'scroll short' : 'scroll'}
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: without focus, keys cannot scroll it.
      tabIndex={0}
    >
      {children}
    </section>
  );
}
