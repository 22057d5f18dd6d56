import { useEffect, useState } from 'preact/hooks';

/** Colours of the style sheet, for canvases. */
export interface Theme {
  readonly text: string;
  readonly quiet: string;
  readonly grid: string;
  readonly surface: string;
  readonly user: string;
  readonly item: string;
  readonly fault: string;
  readonly good: string;
  readonly busy: string;
  readonly lines: readonly string[];
}

function readTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    text: colour('text'),
    quiet: colour('quiet'),
    grid: colour('grid'),
    surface: colour('surface'),
    user: colour('user'),
    item: colour('item'),
    fault: colour('fault'),
    good: colour('good'),
    busy: colour('busy'),
    lines: [1, 2, 3, 4, 5, 6].map((at) => colour(`line-${at}`)),
  };
}

/** The colours of now: they follow the system between light and dark. */
export function useTheme(): Theme {
  const [theme, setTheme] = useState(readTheme);
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const update = (): void => setTheme(readTheme());
    query.addEventListener('change', update);
    return () => query.removeEventListener('change', update);
  }, []);
  return theme;
}

/** The width of an element, in CSS pixels; 0 before it is known. */
export function useWidth(ref: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) =>
      setWidth(Math.floor(entry!.contentRect.width)),
    );
    if (ref.current !== null) observer.observe(ref.current);
    return () => observer.disconnect();
  }, [ref]);
  return width;
}
