/** A duration as people read it: `3.2 s`, `4 m 05 s`, `2 h 10 m`. */
export function renderDuration(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return join(`${minutes} m`, whole % 60, 's');
  const hours = Math.floor(minutes / 60);
  return hours < 48
    ? join(`${hours} h`, minutes % 60, 'm')
    : join(`${Math.floor(hours / 24)} d`, hours % 24, 'h');
}

function join(whole: string, rest: number, unit: string): string {
  return rest === 0 ? whole : `${whole} ${String(rest).padStart(2, '0')} ${unit}`;
}

/** A moment with its distance from now: `2026-11-24 22:05:01Z (3 m 10 s ago)`. */
export function renderMoment(at: Date, nowMs: number): string {
  const distanceMs = nowMs - at.getTime();
  const distance =
    distanceMs >= 0 ? `${renderDuration(distanceMs)} ago` : `in ${renderDuration(-distanceMs)}`;
  return `${at.toISOString().replace('T', ' ').replace(/\.\d+/, '')} (${distance})`;
}
