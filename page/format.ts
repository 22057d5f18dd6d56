/** A figure with four significant digits: 0.2543, 116,150. */
export function figure(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  return value.toLocaleString('en', { maximumSignificantDigits: 4 });
}

/** A figure from 0 to about 1 with four decimals, so that a column of them lines up. */
export function share(value: number | undefined): string {
  return value === undefined || !Number.isFinite(value) ? '–' : value.toFixed(4);
}

/** A short form for axes: 1.2k, 3.4M. */
export function short(value: number): string {
  return value.toLocaleString('en', { notation: 'compact', maximumSignificantDigits: 4 });
}

/** 830 µs, 12.3 ms, 4.56 s, 3 min 20 s */
export function duration(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds)) return '–';
  if (seconds < 1e-3) return `${Math.round(seconds * 1e6)} µs`;
  if (seconds < 1) return `${(seconds * 1e3).toPrecision(3)} ms`;
  if (seconds < 60) return `${seconds.toPrecision(3)} s`;
  const minutes = Math.floor(seconds / 60);
  return `${minutes} min ${Math.floor(seconds - 60 * minutes)} s`;
}

export function count(value: number): string {
  return value.toLocaleString('en');
}

/** `ndcg@20` as people write it. */
export function metricTitle(name: string): string {
  const [metric, k] = name.split('@');
  const known: Record<string, string> = {
    ndcg: 'NDCG',
    map: 'MAP',
    mrr: 'MRR',
    hitRate: 'hit rate',
    auc: 'AUC',
    rmse: 'RMSE',
    mae: 'MAE',
  };
  const title = known[metric!] ?? metric!;
  return k === undefined ? title : `${title}@${k}`;
}

/** `regularizationExponent` as words. */
export function optionTitle(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** The value of an option. */
export function valueText(value: string | number | boolean | undefined): string {
  if (typeof value === 'number') return figure(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return value ?? '–';
}

/** `alpha 5, rank 64` of the named options. */
export function optionsText(
  options: Readonly<Record<string, string | number | boolean>>,
  names: readonly string[],
): string {
  return names.map((name) => `${optionTitle(name)} ${valueText(options[name])}`).join(', ');
}
