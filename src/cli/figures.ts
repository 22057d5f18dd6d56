const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });

/** `100,004` */
export function asCount(count: number): string {
  return count.toLocaleString('en', { maximumFractionDigits: 0 });
}

/** `4.62M` */
export function asCompact(value: number): string {
  return compact.format(value);
}

/** `100,004 ratings`, `1 user` */
export function counted(count: number, noun: string): string {
  return `${asCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** `< 0.001 s`, `0.021 s`, `12.4 s`, `3 min 20 s`, `2 h 5 min` */
export function asSeconds(seconds: number): string {
  if (seconds > 0 && seconds < 0.001) return '< 0.001 s';
  if (seconds < 10) return `${seconds.toFixed(3)} s`;
  if (seconds < 120) return `${seconds.toFixed(1)} s`;
  if (seconds >= 7200) {
    const minutes = Math.round(seconds / 60);
    return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  }
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** `12.3 MB` */
export function asBytes(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  return bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e3).toFixed(1)} kB`;
}

/** `1.64 %` */
export function asPercent(share: number): string {
  return `${(share * 100).toPrecision(3)} %`;
}

/** `2.8313`; `-` where there is no figure. */
export function asFigure(value: number): string {
  return Number.isFinite(value) ? value.toFixed(4) : '-';
}
