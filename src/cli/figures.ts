const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });

/** What stands where there is no figure. */
const none = '-';

/** `100,004`; `-` where there is no figure. */
export function asCount(count: number): string {
  // No zero has a sign.
  return Number.isFinite(count) ? (Math.round(count) + 0).toLocaleString('en') : none;
}

/** `4.62M`, `1.2e+18`, `0.0031` */
export function asCompact(value: number): string {
  if (!Number.isFinite(value)) return none;
  const size = Math.abs(value);
  return size === 0 || (size >= 1e-3 && size < 1e15) ? compact.format(value) : asPower(value);
}

/** `100,004 ratings`, `1 user` */
export function counted(count: number, noun: string): string {
  return `${asCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** `0 s`, `< 0.001 s`, `0.021 s`, `12.4 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h` */
export function asSeconds(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return none;
  if (seconds === 0) return '0 s';
  if (seconds < 0.0005) return '< 0.001 s';
  // What is compared has been rounded as it is shown: no 10.000 s, no 60 s beside minutes.
  if (Number(seconds.toFixed(3)) < 10) return `${seconds.toFixed(3)} s`;
  if (Number(seconds.toFixed(1)) < 120) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 7200) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  const hours = Math.round(seconds / 3600);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** `312 B`, `12.3 MB` */
export function asBytes(bytes: number): string {
  if (!Number.isFinite(bytes)) return none;
  let [size, unit] = [bytes, 0];
  while (Number(size.toFixed(1)) >= 1000 && unit < byteUnits.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${unit === 0 ? Math.round(size) : size.toFixed(1)} ${byteUnits[unit]}`;
}

/** `1.64 %`, `100 %`, `2.5e-7 %` */
export function asPercent(share: number): string {
  if (!Number.isFinite(share)) return none;
  const percent = share * 100;
  const size = Math.abs(percent);
  if (size >= 1e6 || (size > 0 && size < 0.001)) return `${asPower(percent)} %`;
  return `${size >= 100 ? asCount(percent) : percent.toPrecision(3)} %`;
}

/** `2.8313`, `12,345`, `3.1e-6`; `-` where there is no figure. */
export function asFigure(value: number): string {
  if (!Number.isFinite(value)) return none;
  const size = Math.abs(value);
  if (size >= 1e15 || (size > 0 && size < 0.00005)) return asPower(value);
  return size >= 10_000 ? asCount(value) : (value + 0).toFixed(4);
}

/** A loss: `519,683`, `16.98`, `0.003127` */
export function asLoss(loss: number): string {
  if (!Number.isFinite(loss)) return none;
  const size = Math.abs(loss);
  if (size >= 1e15 || (size > 0 && size < 0.001)) return asPower(loss);
  return size >= 1000 ? asCount(loss) : String(Number(loss.toPrecision(4)));
}

/** `1.2e+18` */
function asPower(value: number): string {
  const [digits, exponent] = value.toExponential(2).split('e');
  return `${Number(digits)}e${exponent}`;
}
