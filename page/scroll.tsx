import type { ComponentChildren } from 'preact';

/** Something wide or long that scrolls by itself, also by keys. */
export function Scroll({
  label,
  isShort = false,
  isTall = false,
  children,
}: {
  readonly label: string;
  /** Not above 320 px; tall ones not above 560. */
  readonly isShort?: boolean;
  readonly isTall?: boolean;
  readonly children: ComponentChildren;
}) {
  return (
    <section
      class={`scroll ${isShort ? 'short' : ''} ${isTall ? 'tall' : ''}`}
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: without focus, keys cannot scroll it.
      tabIndex={0}
    >
      {children}
    </section>
  );
}
